/* crash_note.c - no crash loops: which execution stepd was working on when it died of its own
 * fault.
 *
 * DIR/crash is a small mapped file. The engine thread writes the id of the execution that it works
 * on into it, a plain store that the page cache keeps when the process dies. A handler marks the
 * file on the signals of stepd's own faults, so that SIGKILL, the out-of-memory killer and loss of
 * power never count. An execution that was being worked on at two marked ends in a row is closed
 * FAILED at the next start; the others go on. The handler's pointer is the engine's one global.
 */
/* sigaltstack is of the X/Open part. */
#define _XOPEN_SOURCE 700
#include "engine_int.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    PATH_BYTES = 4096,
    STACK_BYTES = 65536
};

struct eng_crash_note {
    volatile int64_t execution; /* being worked on; 0: none */
    volatile int64_t previous;  /* at the crash before */
    volatile sig_atomic_t crashed;
};

static eng_crash_note *volatile marked;

static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

static void on_fault(int number)
{
    if (marked != NULL) {
        marked->crashed = 1;
    }
    raise(number); /* the handler is reset: this ends the process as it would have ended */
}

void eng__crash_note_thread(eng_engine *engine, bool begins)
{
    /* Of its own, so that the handler runs when the thread's stack is what overflowed. */
    static char stack[STACK_BYTES];
    stack_t alternative = {.ss_sp = stack, .ss_size = sizeof(stack)};
    if (!begins) {
        alternative = (stack_t){.ss_flags = SS_DISABLE};
    }
    if (engine->crash_note != NULL) {
        sigaltstack(&alternative, NULL);
    }
}

static void catch_faults(void)
{
    struct sigaction action = {.sa_handler = on_fault};
    action.sa_flags = (int)(SA_ONSTACK | SA_RESETHAND | SA_NODEFER);
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < ASL_LEN(faults); i++) {
        sigaction(faults[i], &action, NULL);
    }
}

eng_crash_note *eng__crash_note_open(const char *directory)
{
    char path[PATH_BYTES];
    int length = snprintf(path, sizeof(path), "%s/crash", directory);
    if (length < 0 || (size_t)length >= sizeof(path)) {
        return NULL;
    }
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    void *memory = MAP_FAILED;
    if (fd >= 0 && ftruncate(fd, sizeof(eng_crash_note)) == 0) {
        memory = mmap(NULL, sizeof(eng_crash_note), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    }
    if (fd >= 0) {
        close(fd);
    }
    if (memory == MAP_FAILED) {
        eng_log(ENG_LOG_WARN, "%s can't be used: an execution that crashes stepd is not recognised",
                path);
        return NULL;
    }
    return memory;
}

void eng__crash_note_close(eng_crash_note *note)
{
    if (note != NULL) {
        marked = NULL;
        munmap(note, sizeof(*note));
    }
}

int64_t eng__crash_enter(eng_engine *engine, int64_t execution)
{
    if (engine->crash_note == NULL) {
        return 0;
    }
    int64_t outer = engine->crash_note->execution;
    engine->crash_note->execution = execution;
    return outer;
}

void eng__crash_leave(eng_engine *engine, int64_t outer)
{
    if (engine->crash_note != NULL) {
        engine->crash_note->execution = outer;
    }
}

/* Close it without looking at its frames, which may be what crashes. */
static void close_failed(eng_engine *engine, int64_t id)
{
    eng_store *store = engine->store;
    eng_execution closed = {.id = id, .next_event_id = 1};
    sqlite3_stmt *last = eng__sql(store, ENG_SQL_HISTORY_LAST);
    eng__bind_int(last, 1, id);
    if (eng__sql_row(store, last)) {
        closed.next_event_id = (uint64_t)sqlite3_column_int64(last, 0) + 1;
    }
    eng__sql_done(last);
    asl_value *error = asl_string_c("States.Runtime");
    asl_value *cause =
        asl_string_c("stepd crashed twice while it ran this execution; it was closed "
                     "so that the others can go on.");
    asl_history_event event = {.type = ASL_EVENT_EXECUTION_FAILED,
                               .previous_id = closed.next_event_id - 1};
    asl_history_add(&event, ASL_FIELD_ERROR, asl_value_ref(error));
    asl_history_add(&event, ASL_FIELD_CAUSE, asl_value_ref(cause));
    int64_t now_ms = eng__clock_read(engine);
    if (eng__history_append(&closed, &event, now_ms)) {
        eng__history_flush(engine, &closed);
    }
    asl_history_clear(&event);
    sqlite3_stmt *close_row = eng__sql(store, ENG_SQL_EXECUTION_CLOSE);
    eng__bind_int(close_row, 1, id);
    eng__bind_int(close_row, 2, ENG_FAILED);
    eng__bind_int(close_row, 3, now_ms);
    eng__bind_json(close_row, 4, NULL);
    eng__bind_string(close_row, 5, error);
    eng__bind_string(close_row, 6, cause);
    eng__sql_run(store, close_row);
    sqlite3_stmt *frames = eng__sql(store, ENG_SQL_FRAME_DELETE);
    eng__bind_int(frames, 1, id);
    eng__sql_run(store, frames);
    asl_value_unref(error);
    asl_value_unref(cause);
}

void eng__crash_note_judge(eng_engine *engine)
{
    eng_crash_note *note = engine->crash_note;
    if (note == NULL) {
        return;
    }
    int64_t execution = note->execution;
    if (note->crashed && execution != 0 && execution == note->previous) {
        eng_log(ENG_LOG_ERROR,
                "stepd crashed twice while it ran execution number %lld: it is closed "
                "FAILED",
                (long long)execution);
        close_failed(engine, execution);
        note->previous = 0;
    } else if (note->crashed && execution != 0) {
        eng_log(ENG_LOG_WARN,
                "stepd crashed while it ran execution number %lld; it is tried once more",
                (long long)execution);
        note->previous = execution;
    }
    note->execution = 0;
    note->crashed = 0;
    marked = note;
    catch_faults();
}
