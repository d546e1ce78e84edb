// RE2, a C++ library, as C functions that Swift can call.
#ifndef SWIFTLET_CRE2_H
#define SWIFTLET_CRE2_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// A compiled regular expression. Any number of threads may match with one at once.
typedef struct cre2_pattern cre2_pattern;

// Compiles `count` octets of UTF-8; at most `memory` octets are used for the program and for what
// matching keeps. Without success NULL is returned and `problem` holds up to `problem_size` octets
// of a message, with a zero at its end.
cre2_pattern *cre2_compile(
    const char *text, size_t count, size_t memory, char *problem, size_t problem_size);

void cre2_free(cre2_pattern *pattern);

// Groups that catch, without the whole match.
int cre2_group_count(const cre2_pattern *pattern);

// The name of a group, which is numbered from 1; NULL when it has none. `count` gets its octets.
const char *cre2_group_name(const cre2_pattern *pattern, int group, size_t *count);

// Finds the leftmost match. `ranges` has room for start and end of `range_count` groups, the whole
// match first; a group that took no part has -1.
bool cre2_match(
    const cre2_pattern *pattern, const char *subject, size_t count, ptrdiff_t *ranges,
    int range_count);

#ifdef __cplusplus
}
#endif
#endif
