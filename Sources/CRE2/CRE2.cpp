#include "CRE2.h"

#include <re2/re2.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <new>
#include <string>
#include <vector>

// What RE2 has no stable address for is kept beside it.
struct cre2_pattern {
  re2::RE2 compiled;
  std::map<int, std::string> names;

  cre2_pattern(const re2::StringPiece &text, const re2::RE2::Options &options)
      : compiled(text, options), names(compiled.CapturingGroupNames()) {}
};

cre2_pattern *cre2_compile(
    const char *text, size_t count, size_t memory, char *problem, size_t problem_size) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(static_cast<int64_t>(memory));
  auto *pattern = new (std::nothrow) cre2_pattern(re2::StringPiece(text, count), options);
  if (pattern != nullptr && pattern->compiled.ok()) return pattern;
  if (problem_size > 0) {
    const std::string words = pattern == nullptr ? "out of memory" : pattern->compiled.error();
    const size_t length = std::min(words.size(), problem_size - 1);
    std::memcpy(problem, words.data(), length);
    problem[length] = 0;
  }
  delete pattern;
  return nullptr;
}

void cre2_free(cre2_pattern *pattern) { delete pattern; }

int cre2_group_count(const cre2_pattern *pattern) {
  return pattern->compiled.NumberOfCapturingGroups();
}

const char *cre2_group_name(const cre2_pattern *pattern, int group, size_t *count) {
  const auto found = pattern->names.find(group);
  if (found == pattern->names.end()) return nullptr;
  *count = found->second.size();
  return found->second.data();
}

bool cre2_match(
    const cre2_pattern *pattern, const char *subject, size_t count, ptrdiff_t *ranges,
    int range_count) {
  const re2::StringPiece whole(subject, count);
  const auto anchor = re2::RE2::UNANCHORED;
  if (range_count <= 0) return pattern->compiled.Match(whole, 0, count, anchor, nullptr, 0);
  // Names have few groups; more than these go through the heap.
  constexpr int local_count = 16;
  re2::StringPiece local[local_count];
  std::vector<re2::StringPiece> many(range_count > local_count ? range_count : 0);
  re2::StringPiece *groups = many.empty() ? local : many.data();
  if (!pattern->compiled.Match(whole, 0, count, anchor, groups, range_count)) return false;
  for (int index = 0; index < range_count; index++) {
    const re2::StringPiece &group = groups[index];
    const ptrdiff_t start = group.data() == nullptr ? -1 : group.data() - subject;
    ranges[2 * index] = start;
    ranges[2 * index + 1] = start < 0 ? -1 : start + static_cast<ptrdiff_t>(group.size());
  }
  return true;
}
