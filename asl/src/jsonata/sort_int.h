/* sort_int.h - the stable merge sort of $sort and ^(..). */
#ifndef ASL_JSONATA_SORT_INT_H
#define ASL_JSONATA_SORT_INT_H

#include "jsonata/evaluate_int.h"

typedef enum asl__order {
    ASL__ORDER_SAME,
    ASL__ORDER_BEFORE,
    ASL__ORDER_AFTER, /* the left one comes behind the right one */
    ASL__ORDER_FAILED
} asl__order;

/* asl__sorted - a new array of array's items (two or more) in order.
 *   compare  of two items, by their places in the array; in the order of the reference's calls */
asl__any asl__sorted(asl__evaluation *ev, asl__any array,
                     asl__order (*compare)(void *context, size_t left, size_t right),
                     void *context);

#endif
