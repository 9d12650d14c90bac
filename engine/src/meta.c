/* meta.c - numbers that belong to the store as a whole. */
#include "engine_int.h"

int64_t eng__meta_number(eng_store *store, const char *key, int64_t otherwise)
{
    int64_t number = otherwise;
    sqlite3_stmt *get = eng__sql(store, ENG_SQL_META_GET);
    eng__bind_text(get, 1, asl_str_from(key));
    if (eng__sql_row(store, get) && !asl_num_parse_int64(eng__column_text(get, 0), &number)) {
        number = otherwise;
    }
    eng__sql_done(get);
    return number;
}

void eng__meta_put_number(eng_store *store, const char *key, int64_t number)
{
    char text[ASL_NUM_TEXT_BYTES];
    size_t length = asl_num_format_int64(number, text);
    sqlite3_stmt *put = eng__sql(store, ENG_SQL_META_PUT);
    eng__bind_text(put, 1, asl_str_from(key));
    eng__bind_blob(put, 2, (asl_str){text, length});
    eng__sql_run(store, put);
}
