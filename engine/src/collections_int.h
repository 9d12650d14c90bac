/* collections_int.h - what the engine keeps things in: mailbox, timers, tables. Only the mailbox is
 * for several threads.
 */
#ifndef ENG_COLLECTIONS_INT_H
#define ENG_COLLECTIONS_INT_H

#include "engine/engine.h"

/* ---- mailbox.c: many producers, the engine thread; eventfd to wake it ---- */
typedef struct eng_mailbox eng_mailbox;
eng_mailbox *eng__mailbox_open(void); /* NULL: no eventfd to be had */
void eng__mailbox_free(eng_mailbox *mailbox);
bool eng__mailbox_post(eng_mailbox *mailbox, eng_job *job); /* any thread; false: closed */
eng_job *eng__mailbox_take(eng_mailbox *mailbox);           /* all that is there, in order */
/* Refuse what comes; returns what was still in it. */
eng_job *eng__mailbox_close(eng_mailbox *mailbox);
/* Sleep until something is posted or timeout_ms passed (-1: no limit). */
void eng__mailbox_wait(eng_mailbox *mailbox, int64_t timeout_ms);
/* The next sleep, or the one under way, ends at once. Thread: any. */
void eng__mailbox_wake(eng_mailbox *mailbox);

/* ---- timers.c: a binary heap of eng_timer; never reads a clock ---- */
typedef struct eng_timers {
    eng_timer **heap; /* from index 1 */
    size_t count;
    size_t cap;
    uint64_t last_order;
} eng_timers;
void eng__timers_start(eng_timers *timers, eng_timer *timer, int64_t due_ms);
void eng__timers_stop(eng_timers *timers, eng_timer *timer);
eng_timer *eng__timers_due(eng_timers *timers, int64_t now_ms); /* taken out; NULL: none is due */
int64_t eng__timers_next(const eng_timers *timers);             /* INT64_MAX: none */
void eng__timers_free(eng_timers *timers);

/* ---- table.c: hash table from a text key to a pointer ---- */
typedef struct eng_table {
    struct eng_table_slot *slots;
    size_t cap;
    size_t count;
} eng_table;
void *eng__table_get(const eng_table *table, asl_str key);
void eng__table_put(eng_table *table, asl_str key, void *item); /* the key is borrowed from item */
void eng__table_remove(eng_table *table, asl_str key);
void eng__table_clear(eng_table *table);
/* Items one by one: start with *cursor 0; NULL after the last. */
void *eng__table_each(const eng_table *table, size_t *cursor);

#endif
