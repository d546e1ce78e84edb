// libldns as Swift can import it. <stdbool.h> must come first, or ldns/common.h redefines _Bool and
// every bool of its API imports as Int8. The format accessor hides a mutable C global.
#include <stdbool.h>
#include <ldns/ldns.h>

static inline const ldns_output_format *cldns_format_nocomments(void) {
  return ldns_output_format_nocomments;
}
