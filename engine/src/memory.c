/* memory.c - how much is kept in memory, and when that is too much. */
#include "engine_int.h"

/* Values, executions, what services keep, and the store when it has no file. */
bool eng_memory_full(const eng_txn *txn)
{
    const eng_engine *engine = txn->engine;
    int64_t limit = engine->config.memory_bytes;
    if (limit == 0) {
        return false;
    }
    int64_t used = (int64_t)asl_alloc_live() + eng__store_memory(engine->store);
    /* To count the store's free pages takes a statement: only when it matters. */
    return used >= limit && used - eng__store_free_memory(engine->store) >= limit;
}
