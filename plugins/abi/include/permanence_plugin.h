/*
 * The boundary between the permanence server and a council's plugin, version 1.
 *
 * This layout is frozen: no field is ever added, removed or moved.
 * The boundary grows by operation numbers and by JSON members, which readers ignore when they do not know them.
 * A second version would be a second entry symbol, exported beside this one.
 *
 * All text is UTF-8. All documents are JSON without floating-point numbers, at most 64 levels deep.
 */
#ifndef PERMANENCE_PLUGIN_H
#define PERMANENCE_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The bytes "PERMPLG1", read as a little-endian number. */
#define PMN_MAGIC_V1 UINT64_C(0x31474C504D524550)
#define PMN_ABI_MAJOR 1
#define PMN_ABI_MINOR 0

/* Flags of a plugin. */
#define PMN_FLAG_UNWIND 1u /* built so that a panic inside it is caught and answered with PMN_PANIC */
#define PMN_FLAG_SERIAL 2u /* one call at a time: the server takes turns */

/* What a function of a plugin returns. An unknown negative number is read as PMN_INTERNAL. */
#define PMN_OK 0
#define PMN_UNSUPPORTED (-1)  /* this plugin does not answer that operation */
#define PMN_BAD_REQUEST (-2)  /* the request could not be read */
#define PMN_RULE_ERROR (-3)   /* the council's rule refuses: the body says code, message and clause */
#define PMN_INTERNAL (-4)     /* the plugin failed */
#define PMN_PANIC (-5)        /* the plugin panicked and recovered */
#define PMN_OUTPUT_LIMIT (-6) /* the sink refused to take more bytes */

/* Operations. */
#define PMN_OP_RULEBOOK 1u /* no request; the reply is the council's rulebook */
#define PMN_OP_CODED 2u    /* up to 1,000 questions in, one answer for each out */

/* Levels of a log line, as in max_level: 0 is off. */
#define PMN_LOG_ERROR 1u
#define PMN_LOG_WARN 2u
#define PMN_LOG_INFO 3u
#define PMN_LOG_DEBUG 4u
#define PMN_LOG_TRACE 5u

/* Bytes lent for the length of one call. ptr may be NULL when len is 0. */
typedef struct pmn_bytes {
  const uint8_t *ptr;
  size_t len;
} pmn_bytes;

/*
 * Where a plugin writes its reply. The server copies what it is given, so nobody frees the other's memory.
 * write may be called any number of times while the call lasts, and never after it.
 * It returns 0, or a negative number when it takes no more; the plugin then stops and returns PMN_OUTPUT_LIMIT.
 */
typedef struct pmn_sink {
  void *ctx;
  int32_t (*write)(void *ctx, const uint8_t *ptr, size_t len);
} pmn_sink;

/* What the server offers to a plugin. It lives as long as the process. */
typedef struct pmn_host_v1 {
  uint32_t struct_size;
  uint16_t abi_major;
  uint16_t abi_minor;
  const void *ctx;
  void (*log)(const void *ctx, uint32_t level, pmn_bytes target, pmn_bytes message); /* from any thread */
  uint32_t max_level; /* lines above this level are not wanted */
  uint32_t reserved;
} pmn_host_v1;

/* What a plugin offers to the server. It is static: it lives as long as the process. */
typedef struct pmn_plugin_v1 {
  uint64_t magic;       /* PMN_MAGIC_V1 */
  uint32_t struct_size; /* sizeof(pmn_plugin_v1) */
  uint16_t abi_major;
  uint16_t abi_minor;
  uint32_t flags;
  uint32_t reserved;
  pmn_bytes manifest; /* static JSON: who this plugin is and which operations it answers */

  /* Makes an instance. On failure it writes {"code","message"} to err and returns a negative number. */
  int32_t (*create)(const pmn_host_v1 *host, pmn_bytes config, const pmn_sink *err, void **instance);

  /* Ends an instance that no call uses any longer. */
  void (*destroy)(void *instance);

  /* Answers one operation. May be called from many threads at once, unless PMN_FLAG_SERIAL is set. */
  int32_t (*call)(void *instance, uint32_t operation, pmn_bytes request, const pmn_sink *reply);
} pmn_plugin_v1;

/* The one symbol that a plugin exports. */
const pmn_plugin_v1 *permanence_plugin_entry_v1(void);

#if UINTPTR_MAX == UINT64_MAX && (defined(__cplusplus) || (defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L))
#ifdef __cplusplus
#define PMN_STATIC_ASSERT static_assert
#else
#define PMN_STATIC_ASSERT _Static_assert
#endif
PMN_STATIC_ASSERT(sizeof(pmn_bytes) == 16, "pmn_bytes has a frozen size");
PMN_STATIC_ASSERT(sizeof(pmn_sink) == 16, "pmn_sink has a frozen size");
PMN_STATIC_ASSERT(sizeof(pmn_host_v1) == 32, "pmn_host_v1 has a frozen size");
PMN_STATIC_ASSERT(sizeof(pmn_plugin_v1) == 64, "pmn_plugin_v1 has a frozen size");
PMN_STATIC_ASSERT(offsetof(pmn_host_v1, log) == 16, "pmn_host_v1 has a frozen layout");
PMN_STATIC_ASSERT(offsetof(pmn_plugin_v1, manifest) == 24, "pmn_plugin_v1 has a frozen layout");
PMN_STATIC_ASSERT(offsetof(pmn_plugin_v1, call) == 56, "pmn_plugin_v1 has a frozen layout");
#endif

#ifdef __cplusplus
}
#endif

#endif
