/* watchers.c - services that are told when an execution starts or ends. */
#include "engine_int.h"

void eng__execution_changed(eng_txn *txn, const eng_execution *execution)
{
    const eng_engine *engine = txn->engine;
    if (execution->run != ENG_RUN_STANDARD) {
        return;
    }
    for (size_t i = 0; i < engine->service_count; i++) {
        const eng_service *service = engine->services[i];
        if (service->execution_changed && service->watches_executions(service->self)) {
            eng_execution_info info;
            eng__execution_describe(execution, &info);
            service->execution_changed(service->self, txn, &info);
            eng_execution_info_clear(&info);
        }
    }
}
