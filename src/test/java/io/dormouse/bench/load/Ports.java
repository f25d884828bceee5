package io.dormouse.bench.load;

import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The ports of a {@link LoadServer}, all on 127.0.0.1.
 *
 * @param webSocketEcho sends each message back
 * @param tcpEcho sends all bytes back
 * @param tcpSink takes a number, 8 bytes big-endian, and so many bytes, which it drops; answers
 *     with the number of bytes that came, 8 bytes too; and takes the next number
 * @param tcpSource takes a number, 8 bytes big-endian, and sends so many bytes; and takes the next
 *     number
 * @param udp counts datagrams whose first byte is 'c'; answers one with 'n' with that byte and the
 *     count, 8 bytes big-endian, and counts anew; one with 's', a number and a size, 4 bytes each,
 *     has it send so many datagrams of that size, whose first byte is 'd', and then one with 'z',
 *     again and again until it gets one with 't'; only then it obeys again
 * @param http answers GET / over HTTP/1.1, and HTTP/2 with prior knowledge
 * @param compressingEcho as {@code webSocketEcho}, with permessage-deflate for clients that offer
 *     it
 * @param secure those that speak TLS
 */
public record Ports(
    int webSocketEcho,
    int tcpEcho,
    int tcpSink,
    int tcpSource,
    int udp,
    int http,
    int compressingEcho,
    Secure secure) {
  /** Reads what {@link #toString()} wrote. */
  public static Ports parse(String text) {
    String[] all = text.split(",", -1);
    int[] ports = Arrays.stream(all, 0, 7).mapToInt(Integer::parseInt).toArray();
    return new Ports(
        ports[0], ports[1], ports[2], ports[3], ports[4], ports[5], ports[6], Secure.parse(all[7]));
  }

  @Override
  public String toString() {
    return Stream.of(webSocketEcho, tcpEcho, tcpSink, tcpSource, udp, http, compressingEcho, secure)
        .map(String::valueOf)
        .collect(Collectors.joining(","));
  }
}
