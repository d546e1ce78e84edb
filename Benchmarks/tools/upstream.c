// An upstream with one virtue and two vices: answers every A query with 192.0.2.1, after a delay,
// and not more than so many a second; what exceeds that is lost. Prints how many queries it had,
// and how many it answered, when it is ended by SIGTERM.
// Usage: upstream PORT DELAY-MILLISECONDS RATE TTL   (RATE 0: no limit)
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { SLOTS = 1 << 17, SIZE = 512, ANSWER = 16 };

struct waiting {
  double due;
  struct sockaddr_in name;
  int length;
  unsigned char bytes[SIZE + ANSWER];
};

static struct waiting ring[SLOTS];
static unsigned head, tail;
static unsigned long asked, answered;
static volatile sig_atomic_t is_over;

static void end(int number) {
  (void)number;
  is_over = 1;
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

// Makes a reply of a query in place: the question as it is, one record, no OPT. Returns its length.
static int reply(unsigned char *bytes, int length, unsigned ttl) {
  int at = 12;
  while (at < length && bytes[at]) at += bytes[at] + 1;
  at += 5;
  if (length < 17 || at > length) return 0;
  int is_a = bytes[at - 4] == 0 && bytes[at - 3] == 1;
  bytes[2] |= 0x80;
  bytes[3] = 0x80;
  memset(bytes + 6, 0, 6);
  if (!is_a) return at;
  bytes[7] = 1;
  unsigned char record[ANSWER] = {0xc0, 12, 0, 1, 0, 1, ttl >> 24, ttl >> 16, ttl >> 8, ttl,
                                  0,    4,  192, 0, 2, 1};
  memcpy(bytes + at, record, ANSWER);
  return at + ANSWER;
}

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  double delay = atof(argv[2]) / 1000, rate = atof(argv[3]), tokens = rate / 10, last = now();
  unsigned ttl = (unsigned)atoi(argv[4]);
  int fd = socket(AF_INET, SOCK_DGRAM, 0), size = 4 << 20;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1]))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0) return perror("bind"), 1;
  signal(SIGTERM, end);
  while (!is_over) {
    struct pollfd entry = {.fd = fd, .events = POLLIN};
    poll(&entry, 1, head == tail ? 50 : 1);
    double time = now();
    tokens += (time - last) * rate;
    if (tokens > rate / 10) tokens = rate / 10;
    last = time;
    for (;;) {
      struct waiting *slot = &ring[head % SLOTS];
      socklen_t name_size = sizeof slot->name;
      int length = recvfrom(fd, slot->bytes, SIZE, MSG_DONTWAIT, (struct sockaddr *)&slot->name,
                            &name_size);
      if (length < 0) break;
      asked++;
      if (rate > 0 && tokens < 1) continue;
      slot->length = reply(slot->bytes, length, ttl);
      if (slot->length == 0 || head - tail >= SLOTS - 1) continue;
      tokens -= 1;
      slot->due = time + delay;
      head++;
    }
    while (tail != head && ring[tail % SLOTS].due <= now()) {
      struct waiting *slot = &ring[tail++ % SLOTS];
      sendto(fd, slot->bytes, slot->length, 0, (struct sockaddr *)&slot->name, sizeof slot->name);
      answered++;
    }
  }
  printf("asked %lu answered %lu\n", asked, answered);
  return 0;
}
