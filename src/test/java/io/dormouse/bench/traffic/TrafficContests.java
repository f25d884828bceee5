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

  /** There is more Java code in TLS, on both sides. */
  private static final Pace LONG_WARM_UP = new Pace(6, 9, false);

  private static final Pace SHORT_ROUNDS = new Pace(5, 15, false);
  private static final int MILLIS = 500;
  private static final int SMALL = 64;
  private static final int LARGE = 16 * 1024;
  private static final int MEBIBYTES = 256;
  private static final int SECURE_MEBIBYTES = 64;
  private static final int DATAGRAMS = 100_000;
  private static final String COPYING = "bare loop that copies";
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
    contests.add(borrowedEcho());
    contests.add(
        throughput("tcp.throughput.up", Throughput.Direction.UP)
            .beside("bare SocketChannel of two threads", "two-threads"));
    contests.add(
        throughput("tcp.throughput.down", Throughput.Direction.DOWN)
            .beside("bare SocketChannel that copies", "copying", new Ratio(1)));
    contests.add(
        throughput(
            "tcp.throughput.down.borrowed",
            Throughput.Over.BORROWED_TCP,
            Throughput.Direction.DOWN));
    contests.add(secureEcho(1));
    contests.add(secureEcho(100));
    contests.add(secureThroughput("tls.throughput.up", Throughput.Direction.UP));
    contests.add(secureThroughput("tls.throughput.down", Throughput.Direction.DOWN));
    contests.add(compressedEcho(1));
    contests.add(compressedEcho(100));
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
            .beside("Java-WebSocket", "java-websocket", new Ratio(2))
            .beside("OkHttp", "okhttp", new Ratio(2));
    return connections == 1
        ? contest.beside("bare loop", "bare").beside(TWO_THREADS, "two-threads")
        : contest.beside("bare loop", "bare", new Ratio(0.95));
  }

  private static Contest tcpEcho(String sizeName, int size, int connections) {
    Contest contest =
        Contest.higher(
                "tcp.echo." + sizeName + "." + connections, "round trips/s", Echo.class, PACE)
            .saying(Echoes.Protocol.TCP, size, connections, MILLIS)
            .beside(connections == 1 ? "bare SocketChannel" : "bare loop", "bare", new Ratio(0.95))
            .beside("Netty", "netty", new Ratio(1))
            .beside(TWO_THREADS, "two-threads");
    return size == LARGE && connections > 1
        ? contest.beside(COPYING, "copying", new Ratio(1))
        : contest.beside(COPYING, "copying");
  }

  private static Contest borrowedEcho() {
    return Contest.higher("tcp.echo.16KiB.100.borrowed", "round trips/s", Echo.class, PACE)
        .saying(Echoes.Protocol.BORROWED_TCP, LARGE, 100, MILLIS)
        .beside("bare loop", "bare", new Ratio(0.95))
        .beside("Netty", "netty", new Ratio(1));
  }

  private static Contest secureEcho(int connections) {
    return Contest.higher("wss.echo.64B." + connections, "round trips/s", Echo.class, LONG_WARM_UP)
        .saying(Echoes.Protocol.SECURE_WEB_SOCKET, SMALL, connections, MILLIS)
        .beside("Java-WebSocket", "java-websocket", new Ratio(1))
        .beside("OkHttp", "okhttp", new Ratio(1))
        .beside("bare loop", "bare");
  }

  private static Contest compressedEcho(int connections) {
    return Contest.higher("deflate.echo." + connections, "round trips/s", Echo.class, LONG_WARM_UP)
        .saying(Echoes.Protocol.COMPRESSED_WEB_SOCKET, JsonTexts.SIZE, connections, MILLIS)
        .beside("OkHttp", "okhttp", new Ratio(1));
  }

  private static Contest secureThroughput(String name, Throughput.Direction direction) {
    return Contest.higher(name, "MB/s", Throughput.class, SHORT_ROUNDS)
        .saying(Throughput.Over.TLS, direction, SECURE_MEBIBYTES)
        .beside("Netty", "netty", new Ratio(0.9));
  }

  private static Contest throughput(String name, Throughput.Direction direction) {
    return throughput(name, Throughput.Over.TCP, direction);
  }

  private static Contest throughput(
      String name, Throughput.Over over, Throughput.Direction direction) {
    return Contest.higher(name, "MB/s", Throughput.class, SHORT_ROUNDS)
        .saying(over, direction, MEBIBYTES)
        .beside("bare SocketChannel", "bare", new Ratio(0.95))
        .beside("Netty", "netty", new Ratio(1));
  }

  private static Contest datagrams(String name, DatagramRate.Direction direction, int size) {
    return Contest.higher(name, "datagrams/s", DatagramRate.class, PACE)
        .saying(direction, size, DATAGRAMS)
        .beside("bare DatagramChannel", "bare", new Ratio(0.9));
  }
}
