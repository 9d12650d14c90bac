/* engine.h - opening, starting and stopping the engine, and the one way in: the mailbox.
 *
 * One thread, the engine thread, owns every execution, every stateful mock service and the store.
 * Others send it jobs. One loop pass: read the clock once -> drain the mailbox (bounded) -> fire
 * timers <= now -> run ready frames -> commit one SQLite transaction -> then the replies. What a
 * client was told is in the store.
 *
 * eng_txn is the pass: every function that takes one runs on the engine thread only, and what it
 * changes is committed, or rolled back, with everything else of that pass.
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include "asl/value.h"
#include "engine/clock.h"
#include "engine/integration.h"
#include "engine/service.h"

typedef struct eng_engine eng_engine;
typedef struct eng_txn eng_txn;

typedef enum eng_token_format {
    ENG_TOKEN_AWS, /* looks like AWS's: 600 to 1,024 base64 characters with '+', '/' and an inner
                      '=' */
    ENG_TOKEN_UUID /* 36 characters, for short logs */
} eng_token_format;

typedef struct eng_config {
    const char *data_directory; /* NULL: in memory */
    bool sync_full;             /* every commit waits for the disk: survives loss of power too */
    double wait_time_scale;     /* Wait states only, as Step Functions Local: 1 normal, 0 none, 2
                                   doubles */
    eng_token_format token_format;
    eng_clock_config clock;
    /* Ids, tokens and randomness follow from the seed: the same requests give the same histories,
     * to the byte. Without it they follow from the system's entropy. */
    bool seeded;
    uint64_t seed;
    int64_t memory_bytes; /* see eng_memory_full; 0: no limit */
} eng_config;

/* eng_open - open or create the store and load what it holds; no thread yet.
 *   config  borrowed during the call
 * Returns ASL_OK; ASL_E_IO (the directory or database can't be used), ASL_E_BUSY (another stepd has
 * it), ASL_E_INVALID (a damaged or newer database): err->msg names the thing and the way out. */
ASL_NODISCARD asl_status eng_open(const eng_config *config, asl_err *err, eng_engine **out);

/* Between eng_open and eng_start: say what exists. The vtables are borrowed for the engine's life.
 */
void eng_add_integration(eng_engine *engine, const eng_integration *integration);
void eng_add_service(eng_engine *engine, const eng_service *service);

/* eng_start - load the services, resume what rested, start the engine thread. */
ASL_NODISCARD asl_status eng_start(eng_engine *engine, asl_err *err);
/* eng_stop - finish the pass under way and join the thread. Idempotent. Calls that a service still
 * held (long polls) are never delivered: whoever owns them answers them then. */
void eng_stop(eng_engine *engine);
/* eng_close - close the store and free everything. After eng_stop. NULL is allowed. */
void eng_close(eng_engine *engine);

/* The registered services, for routing; fixed after eng_start. Thread: any. */
size_t eng_service_count(const eng_engine *engine);
const eng_service *eng_service_at(const eng_engine *engine, size_t index);

/* A message to the engine thread. Embed it in a larger struct. Once posted it belongs to the engine
 * until done is called; processing can't fail, errors are fields of the embedding struct. */
typedef struct eng_job eng_job;
struct eng_job {
    eng_job *next;                           /* the mailbox's */
    void (*run)(eng_job *job, eng_txn *txn); /* engine thread, inside a pass; never blocks */
    /* engine thread, after the pass's commit; committed is false when it failed and was rolled
     * back, or when the engine stopped before run. Frees the job. May be NULL for static jobs. */
    void (*done)(eng_job *job, bool committed);
    bool held; /* the engine's */
};
/* eng_job_hold - inside run: the job is not over with this pass (a long poll); it is kept by
 * whoever called this. eng_job_release - in a later pass: done is called after that pass's commit.
 */
void eng_job_hold(eng_job *job);
void eng_job_release(eng_txn *txn, eng_job *job);
/* eng_post - Thread: any. After eng_stop began, done(job, false) is called at once. */
void eng_post(eng_engine *engine, eng_job *job);

/* ---- inside a pass ---- */
int64_t eng_now_ms(const eng_txn *txn); /* epoch ms, read once per pass, never backwards */
eng_engine *eng_txn_engine(eng_txn *txn);

/* eng_memory_full - do executions, queues, tables and the rest take as much memory as
 * config.memory_bytes allows? Whoever is about to keep something new refuses it then, with its
 * protocol's throttling error; what runs goes on. */
bool eng_memory_full(const eng_txn *txn);

/* ---- ids: derived, never drawn ---- */
/* eng_uuid - a fresh id, "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx"; out holds 37 bytes.
 * eng_random - 64 fresh pseudo-random bits.
 * Both are a hash of the seed and of what asks: the source of the work under way and a count within
 * it. Tasks and records that fall due are sources of their own; all else (requests of clients)
 * shares one, whose count is kept in the store. */
void eng_uuid(eng_txn *txn, char out[37]);
uint64_t eng_random(eng_txn *txn);
typedef struct eng_id_source {
    uint64_t parent; /* 0: the shared one */
    uint64_t ordinal;
} eng_id_source;
/* eng_id_source_child - a source for work that goes on in a later pass, whenever that comes.
 * eng_id_source_enter - what asks from now on; returns the one before, which is to be entered
 * again.
 */
eng_id_source eng_id_source_child(eng_txn *txn);
eng_id_source eng_id_source_enter(eng_txn *txn, eng_id_source source);
/* eng_start_seed - a number that is another one at every start on the same store; under a seed the
 * same sequence of starts gives the same numbers. Fixed after eng_open. */
uint64_t eng_start_seed(const eng_engine *engine);

/* ---- timers ---- */
/* A timer of the engine's clock, in memory only (what must survive is a record with a due time, see
 * record.h). Embed it; a zeroed timer is idle. fire is called once, engine thread, inside a pass.
 * Timers of the same moment fire by their rank, then in the order in which they were started. */
typedef struct eng_timer eng_timer;
struct eng_timer {
    int64_t due_ms; /* of a real timer: on a clock of its own */
    void (*fire)(eng_timer *timer, eng_txn *txn);
    uint64_t order; /* the heap's */
    uint64_t rank;  /* 0 unless a restart has to find the order again */
    uint32_t slot;  /* the heap's; 0: idle */
    bool real;
};
void eng_timer_start(eng_txn *txn, eng_timer *timer, int64_t due_ms); /* again: moves it */
/* eng_timer_start_real - fires after so much real time, wherever the engine's clock stands: for
 * long polls, whose clients live outside. */
void eng_timer_start_real(eng_txn *txn, eng_timer *timer, int64_t delay_ms);
void eng_timer_stop(eng_engine *engine, eng_timer *timer); /* idle ones too */

#endif
