/* The least that a relay can cost: recv, then one sendmmsg to the addresses of the channel.

   stdin: a line of UDP ports for each channel, then its end. stdout: the relay's own port.
   A datagram begins with the number of its channel (two octets, network order) and goes to the
   channel's ports as it is. No keys, no checks, no floor: what is left is the kernel's work.
   Every address is 127.0.0.1, so nothing can leave the machine. Ends with its parent. */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>

enum { MAX_CHANNELS = 1024, MAX_LISTENERS = 4096, MAX_BATCH = 1024, MAX_OCTETS = 2048 };
enum { MAX_LINE = 8 * MAX_LISTENERS };

static unsigned char octets[MAX_OCTETS];
static struct iovec datagram = {.iov_base = octets};
static struct mmsghdr *headers[MAX_CHANNELS];
static unsigned listeners[MAX_CHANNELS];

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static struct sockaddr_in *loopback(unsigned port) {
    struct sockaddr_in *address = calloc(1, sizeof *address);
    if (!address) fail("calloc");
    address->sin_family = AF_INET;
    address->sin_port = htons((unsigned short)port);
    address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static void read_channel(char *line, unsigned channel) {
    headers[channel] = calloc(MAX_LISTENERS, sizeof **headers);
    if (!headers[channel]) fail("calloc");
    for (char *word = strtok(line, " \n"); word; word = strtok(NULL, " \n")) {
        if (listeners[channel] == MAX_LISTENERS) fail("too many listeners");
        struct msghdr *header = &headers[channel][listeners[channel]++].msg_hdr;
        header->msg_name = loopback((unsigned)atoi(word));
        header->msg_namelen = sizeof(struct sockaddr_in);
        header->msg_iov = &datagram;
        header->msg_iovlen = 1;
    }
}

static void read_channels(void) {
    static char line[MAX_LINE];
    for (unsigned channel = 0; channel < MAX_CHANNELS && fgets(line, MAX_LINE, stdin); channel++)
        read_channel(line, channel);
}

static int open_socket(void) {
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    int relay = socket(AF_INET, SOCK_DGRAM, 0);
    if (relay < 0 || bind(relay, (struct sockaddr *)loopback(0), length)) fail("bind");
    if (getsockname(relay, (struct sockaddr *)&address, &length)) fail("getsockname");
    printf("%u\n", ntohs(address.sin_port));
    fflush(stdout);
    return relay;
}

static void send_to_all(int relay, unsigned channel) {
    for (unsigned at = 0; at < listeners[channel];) {
        unsigned left = listeners[channel] - at;
        int sent = sendmmsg(relay, headers[channel] + at, left < MAX_BATCH ? left : MAX_BATCH, 0);
        if (sent < 1) fail("sendmmsg");
        at += (unsigned)sent;
    }
}

int main(void) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    read_channels();
    int relay = open_socket();
    for (;;) {
        ssize_t length = recv(relay, octets, sizeof octets, 0);
        if (length < 2) fail("recv");
        unsigned channel = (unsigned)octets[0] << 8 | octets[1];
        if (channel >= MAX_CHANNELS) continue;
        datagram.iov_len = (size_t)length;
        send_to_all(relay, channel);
    }
}
