package io.dormouse.bench.traffic;

import io.dormouse.bench.Contest;
import io.dormouse.bench.Contest.Pace;
import io.dormouse.bench.Goal.AtMost;
import io.dormouse.bench.Goal.Ratio;
import java.util.ArrayList;
import java.util.List;

/** The contests of open connections that carry something. */
public final class TrafficContests {
  /** Rounds differ a lot: by where the system puts threads that wake each other. */
  private static final Pace PACE = new Pace(2, 9, false);

  private static final Pace SHORT_ROUNDS = new Pace(5, 15, false);
  private static final int MILLIS = 500;
  private static final int SMALL = 64;
  private static final int LARGE = 16 * 1024;
  private static final int MEBIBYTES = 256;
  private static final int DATAGRAMS = 100_000;
  private static final String TWO_THREADS = "bare loop of two threads";

  private TrafficContests() {}

  /** All of them. */
  public static List<Contest> contests() {
    List<Contest> contests = new ArrayList<>();
    for (int connections : new int[] {1, 100}) {
      contests.add(webSocketEcho("64B", SMALL, connections));
      contests.add(webSocketEcho("16KiB", LARGE, connections));
    }
    for (int connections : new int[] {1, 100}) {
      contests.add(tcpEcho("64B", SMALL, connections));
      contests.add(tcpEcho("16KiB", LARGE, connections));
    }
    contests.add(
        throughput("tcp.throughput.up", Throughput.Direction.UP)
            .beside("bare SocketChannel of two threads", "two-threads"));
    contests.add(
        throughput("tcp.throughput.down", Throughput.Direction.DOWN)
            .beside("bare SocketChannel that copies", "copying"));
    for (int size : new int[] {64, 1_200}) {
      contests.add(
          datagrams("udp.rate.send." + size + "B", DatagramRate.Direction.SEND, size)
              .beside("bare DatagramChannel of two threads", "two-threads"));
    }
    for (int size : new int[] {64, 1_200}) {
      contests.add(
          datagrams("udp.rate.receive." + size + "B", DatagramRate.Direction.RECEIVE, size));
    }
    contests.add(blocked("tcp", Blocked.What.ROUND_TRIPS, Echoes.Protocol.TCP, 10));
    contests.add(blocked("ws", Blocked.What.ROUND_TRIPS, Echoes.Protocol.WEB_SOCKET, 10));
    contests.add(blocked("settled", Blocked.What.SETTLED, Echoes.Protocol.TCP, 50));
    return contests;
  }

  private static Contest blocked(
      String name, Blocked.What what, Echoes.Protocol protocol, double most) {
    return Contest.lower("blocked.100." + name, "ms", Blocked.class, SHORT_ROUNDS)
        .saying(what, protocol, 100)
        .reaching(new AtMost(most, "ms"))
        .inJvmWith(HungNames.option());
  }

  private static Contest webSocketEcho(String sizeName, int size, int connections) {
    Contest contest =
        Contest.higher("ws.echo." + sizeName + "." + connections, "round trips/s", Echo.class, PACE)
            .saying(Echoes.Protocol.WEB_SOCKET, size, connections, MILLIS)
            .beside("Java-WebSocket", "java-websocket", new Ratio(1))
            .beside("OkHttp", "okhttp", new Ratio(1))
            .beside("bare loop", "bare");
    return connections == 1 ? contest.beside(TWO_THREADS, "two-threads") : contest;
  }

  private static Contest tcpEcho(String sizeName, int size, int connections) {
    return Contest.higher(
            "tcp.echo." + sizeName + "." + connections, "round trips/s", Echo.class, PACE)
        .saying(Echoes.Protocol.TCP, size, connections, MILLIS)
        .beside(connections == 1 ? "bare SocketChannel" : "bare loop", "bare", new Ratio(0.95))
        .beside("Netty", "netty", new Ratio(1))
        .beside(TWO_THREADS, "two-threads")
        .beside("bare loop that copies", "copying");
  }

  private static Contest throughput(String name, Throughput.Direction direction) {
    return Contest.higher(name, "MB/s", Throughput.class, SHORT_ROUNDS)
        .saying(direction, MEBIBYTES)
        .beside("bare SocketChannel", "bare", new Ratio(0.95))
        .beside("Netty", "netty", new Ratio(1));
  }

  private static Contest datagrams(String name, DatagramRate.Direction direction, int size) {
    return Contest.higher(name, "datagrams/s", DatagramRate.class, PACE)
        .saying(direction, size, DATAGRAMS)
        .beside("bare DatagramChannel", "bare", new Ratio(0.9));
  }
}
