// libcrypto 3.0 reaches PKCS#11 tokens through its engine interface; Debian 12 has no provider for them.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "pki_internal.h"

#include "include/clibcrypto_pki_keys.h"

#include <openssl/crypto.h>
#include <openssl/engine.h>
#include <openssl/err.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

// One engine per module: two would each initialise it, and the first to end would take it away from the other.
enum { modules_max = 8 };
static pthread_mutex_t engines_lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
    char *module_path;
    ENGINE *engine;
} engines[modules_max];
static size_t engines_count;

static ENGINE *load(const char *module_path) {
    // OPENSSL_ENGINES or the folder that libcrypto was built for: ENGINESDIR: "/usr/lib/.../engines-3".
    char folder[1024];
    const char *from_environment = getenv("OPENSSL_ENGINES");
    const char *built_in = OpenSSL_version(OPENSSL_ENGINES_DIR);
    const char *start = from_environment != NULL ? from_environment : strchr(built_in, '"');
    if (start == NULL) return NULL;
    if (from_environment == NULL) start++;
    size_t count = from_environment != NULL ? strlen(start) : strcspn(start, "\"");
    if (count >= sizeof folder) return NULL;
    memcpy(folder, start, count);
    folder[count] = 0;

    ENGINE_load_dynamic();
    ENGINE *engine = ENGINE_by_id("dynamic");
    bool done = engine != NULL && ENGINE_ctrl_cmd_string(engine, "DIR_LOAD", "2", 0) == 1 && ENGINE_ctrl_cmd_string(engine, "DIR_ADD", folder, 0) == 1
        && ENGINE_ctrl_cmd_string(engine, "ID", "pkcs11", 0) == 1 && ENGINE_ctrl_cmd_string(engine, "LOAD", NULL, 0) == 1
        && ENGINE_ctrl_cmd_string(engine, "MODULE_PATH", module_path, 0) == 1 && ENGINE_init(engine) == 1;
    if (!done) {
        ENGINE_free(engine);
        return NULL;
    }
    return engine;
}

static ENGINE *engine_for(const char *module_path) {
    for (size_t i = 0; i < engines_count; i++) {
        if (strcmp(engines[i].module_path, module_path) == 0) return engines[i].engine;
    }
    if (engines_count == modules_max) {
        pki_explain("too many PKCS#11 modules in one process");
        return NULL;
    }
    ENGINE *engine = load(module_path);
    char *copy = engine != NULL ? strdup(module_path) : NULL;
    if (copy == NULL) return NULL;
    engines[engines_count].module_path = copy;
    engines[engines_count].engine = engine;
    engines_count++;
    return engine;
}

sluice_pki_key *sluice_pki_key_from_token(const char *module_path, const char *uri, const char *pin) {
    ERR_clear_error();
    pthread_mutex_lock(&engines_lock);
    EVP_PKEY *key = NULL;
    ENGINE *engine = engine_for(module_path);
    if (engine != NULL && ENGINE_ctrl_cmd_string(engine, "PIN", pin, 0) == 1) {
        key = ENGINE_load_private_key(engine, uri, NULL, NULL);
    }
    pthread_mutex_unlock(&engines_lock);
    return (sluice_pki_key *)key;
}
