// How long changes take to be answered: polls the AAAA of marker.simulator.svc.cluster.local, whose
// address carries a sequence number and the nanoseconds since 1970 at which it was changed
// (fd00:SSSS:SSSS:SSSS:NNNN:NNNN:NNNN:NNNN). Prints a line of milliseconds for each new number.
// What one poll did not see is not counted. Usage: marker PORT SECONDS
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PAUSE_US = 200, SIZE = 4096 };

static const unsigned char question[] =
    "\x06marker\x09simulator\x03svc\x07" "cluster\x05local\x00\x00\x1c\x00\x01";

static uint64_t now(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static uint64_t number(const unsigned char *octets, int count) {
  uint64_t value = 0;
  for (int i = 0; i < count; i++) value = value << 8 | octets[i];
  return value;
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  struct timeval limit = {.tv_usec = 500000};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1]))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) return perror("connect"), 1;
  unsigned char query[12 + sizeof question - 1] = {0, 0, 1, 0, 0, 1}, reply[SIZE];
  memcpy(query + 12, question, sizeof question - 1);
  uint64_t end = now(CLOCK_MONOTONIC) + strtoull(argv[2], NULL, 10) * 1000000000u, last = 0;
  for (uint16_t id = 1; now(CLOCK_MONOTONIC) < end; id++) {
    query[0] = id >> 8, query[1] = id & 255;
    if (send(fd, query, sizeof query, 0) < 0) return perror("send"), 1;
    ssize_t count;
    do count = recv(fd, reply, SIZE, 0);
    while (count >= 12 && memcmp(reply, query, 2) != 0);
    // The one record's data is the last thing in the message.
    if (count < (ssize_t)sizeof query + 16 || reply[7] != 1) continue;
    const unsigned char *data = reply + count - 16;
    uint64_t sequence = number(data + 2, 6), changed = number(data + 8, 8);
    if (sequence != last && last != 0 && changed != 0)
      printf("%.3f\n", ((double)now(CLOCK_REALTIME) - (double)changed) / 1e6);
    last = sequence;
    usleep(PAUSE_US);
  }
  return 0;
}
