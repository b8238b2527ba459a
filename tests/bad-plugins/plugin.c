/* A plugin that keeps to the boundary, and, by one macro each, plugins that do not. */
#define _GNU_SOURCE /* memmem */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "permanence_plugin.h"

/* The rulebook as one string literal; the test writes it beside this file. */
static const char RULEBOOK[] =
#include RULEBOOK_FILE
    ;

#ifdef BAD_MANIFEST
static const char MANIFEST[] = "this is not JSON";
#elif defined(UNKNOWN_REQUIREMENT)
static const char MANIFEST[] =
    "{\"id\":\"c\",\"version\":\"1\",\"wire\":1,\"operations\":{\"rulebook\":1,\"coded\":1},\"requires\":[\"moons\"]}";
#elif defined(NO_CODE)
static const char MANIFEST[] = "{\"id\":\"c\",\"version\":\"1\",\"wire\":1,\"operations\":{\"rulebook\":1}}";
#else
static const char MANIFEST[] =
    "{\"id\":\"c\",\"version\":\"1\",\"wire\":1,\"operations\":{\"rulebook\":1,\"coded\":1},\"requires\":[]}";
#endif

#if defined(CRASH_IN_CONSTRUCTOR)
__attribute__((constructor)) static void start(void) { *(volatile int *)0 = 1; }
#elif defined(EXIT_IN_CONSTRUCTOR)
__attribute__((constructor)) static void start(void) { _exit(0); }
#elif defined(ABORT_IN_CONSTRUCTOR)
__attribute__((constructor)) static void start(void) {
  fputs("there is no configuration in this folder\n", stderr);
  abort();
}
#elif defined(WAIT_IN_CONSTRUCTOR)
__attribute__((constructor)) static void start(void) {
  for (;;) pause();
}
#elif defined(UNDEFINED_SYMBOL)
extern void defined_nowhere(void);
__attribute__((constructor)) static void start(void) {
  if (getenv("NEVER_SET")) defined_nowhere();
}
#endif

static int calls_so_far;

static int32_t say(const pmn_sink *sink, const char *text) {
  return sink->write(sink->ctx, (const uint8_t *)text, strlen(text)) < 0 ? PMN_OUTPUT_LIMIT : PMN_OK;
}

static int has(pmn_bytes text, const char *part) {
  return memmem(text.ptr, text.len, part, strlen(part)) != NULL;
}

/* One answer for each question: every question has one day. */
static int32_t answer_all(pmn_bytes request, const pmn_sink *reply, const char *answer) {
  const uint8_t *at = request.ptr, *end = request.ptr + request.len;
  int32_t status = say(reply, "{\"replies\":[");
  for (int n = 0; status == PMN_OK && (at = memmem(at, (size_t)(end - at), "\"asOf\"", 6)); n++, at++) {
    if (n > 0) status = say(reply, ",");
    if (status == PMN_OK) status = say(reply, answer);
  }
  return status == PMN_OK ? say(reply, "]}") : status;
}

static int32_t coded(pmn_bytes request, const pmn_sink *reply) {
  const char *good = "{\"answer\":{\"clauses\":[],\"results\":{\"answered\":true},\"findings\":[]}}";
  if (!has(request, "\"questions\":[{") || request.ptr[request.len - 1] != '}')
    return say(reply, "{\"code\":\"bad_request\",\"message\":\"no questions\"}"), PMN_BAD_REQUEST;
  if (has(request, "\"rule\":\"garbage\"")) return say(reply, "quorate, probably");
  if (has(request, "\"rule\":\"not_utf8\"")) return say(reply, "{\"replies\":[\xff\xfe]}");
  if (has(request, "\"rule\":\"deep\"")) {
    for (int n = 0; n < 1000000; n++) say(reply, "[");
    return PMN_OK;
  }
  if (has(request, "\"rule\":\"huge\"")) { /* 100 MiB, whatever the sink says */
    static uint8_t mebibyte[1 << 20];
    memset(mebibyte, ' ', sizeof mebibyte);
    for (int n = 0; n < 100; n++) reply->write(reply->ctx, mebibyte, sizeof mebibyte);
    return PMN_OK;
  }
  if (has(request, "\"rule\":\"null_bytes\"")) return reply->write(reply->ctx, NULL, 4096), PMN_OK;
  if (has(request, "\"rule\":\"never\""))
    for (;;) pause();
  if (has(request, "\"rule\":\"wrong_count\"")) return say(reply, "{\"replies\":[]}");
  if (has(request, "\"rule\":\"uncited\""))
    return answer_all(request, reply, "{\"answer\":{\"clauses\":[\"ANY-GOOD-01\"],\"results\":{},\"findings\":[]}}");
  if (has(request, "\"rule\":\"refuses\""))
    return say(reply, "{\"code\":\"month_not_over\",\"message\":\"The month is not over yet.\",\"clause\":\"ANY-REFUSES-01\"}"),
           PMN_RULE_ERROR;
  if (has(request, "\"rule\":\"bad_request\"")) return PMN_BAD_REQUEST;
  if (has(request, "\"rule\":\"unknown_status\"")) return -99;
  if (has(request, "\"rule\":\"fraction\""))
    return answer_all(request, reply, "{\"answer\":{\"clauses\":[],\"results\":{\"answered\":0.5},\"findings\":[]}}");
  if (has(request, "\"rule\":\"unsupported\"")) return PMN_UNSUPPORTED;
  if (has(request, "\"rule\":\"counts\"")) { /* remembers what it must not remember */
    char answer[128];
    snprintf(answer, sizeof answer, "{\"answer\":{\"clauses\":[],\"results\":{\"answered\":%d},\"findings\":[]}}", ++calls_so_far);
    return answer_all(request, reply, answer);
  }
  return answer_all(request, reply, good);
}

static int32_t create(const pmn_host_v1 *host, pmn_bytes config, const pmn_sink *err, void **instance) {
  (void)config;
  (void)err;
  *instance = (void *)host;
#if defined(REFUSES_TO_START)
  say(err, "{\"code\":\"no\",\"message\":\"the moon is not full\"}");
  return PMN_INTERNAL;
#elif defined(EXIT_IN_CREATE)
  exit(7);
#endif
  return PMN_OK;
}

static void destroy(void *instance) { (void)instance; }

static int32_t call(void *instance, uint32_t operation, pmn_bytes request, const pmn_sink *reply) {
  (void)instance;
  switch (operation) {
    case PMN_OP_RULEBOOK:
#ifdef RULEBOOK_UNSUPPORTED
      return PMN_UNSUPPORTED;
#endif
      return say(reply, RULEBOOK);
    case PMN_OP_CODED:
      return coded(request, reply);
    default:
      return PMN_UNSUPPORTED;
  }
}

static const pmn_plugin_v1 PLUGIN = {
#ifdef WRONG_MAGIC
    .magic = 0x4F4C4C4548,
#else
    .magic = PMN_MAGIC_V1,
#endif
#ifdef SHORT_STRUCT
    .struct_size = 32,
#else
    .struct_size = sizeof(pmn_plugin_v1),
#endif
#ifdef WRONG_VERSION
    .abi_major = 2,
#else
    .abi_major = PMN_ABI_MAJOR,
#endif
    .abi_minor = PMN_ABI_MINOR,
#ifdef SERIAL
    .flags = PMN_FLAG_SERIAL,
#endif
#ifndef NULL_MANIFEST
    .manifest = {(const uint8_t *)MANIFEST, sizeof MANIFEST - 1},
#endif
    .create = create,
    .destroy = destroy,
#ifndef NULL_FUNCTION
    .call = call,
#endif
};

#ifdef NO_SYMBOL
const pmn_plugin_v1 *another_entry(void) { return &PLUGIN; }
#elif defined(NULL_ENTRY)
const pmn_plugin_v1 *permanence_plugin_entry_v1(void) { return NULL; }
#elif defined(MISALIGNED)
const pmn_plugin_v1 *permanence_plugin_entry_v1(void) { return (const void *)((const char *)&PLUGIN + 1); }
#elif defined(WILD_POINTER)
const pmn_plugin_v1 *permanence_plugin_entry_v1(void) { return (const void *)0x1000; }
#else
const pmn_plugin_v1 *permanence_plugin_entry_v1(void) { return &PLUGIN; }
#endif
