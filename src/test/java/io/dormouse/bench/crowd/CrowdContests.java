package io.dormouse.bench.crowd;

import io.dormouse.bench.Comparison;
import io.dormouse.bench.Contest;
import io.dormouse.bench.Contest.Pace;
import io.dormouse.bench.Goal.AtMost;
import io.dormouse.bench.Goal.Ratio;
import java.util.List;

/** The contests of many connections. */
public final class CrowdContests {
  /**
   * From some twenty rounds on, compiled code does all of it, and the times stay where they are.
   */
  private static final Pace STEADY = new Pace(24, 15, false);

  private static final Pace COLD = new Pace(1, 9, true);
  private static final Pace ANEW = new Pace(0, 3, true);

  /** Memory that does not depend on how much of a large heap the collector has touched so far. */
  private static final String[] SMALL_HEAP = {
    "-XX:+UseSerialGC", "-Xms256m", "-Xmx256m", "-XX:SoftRefLRUPolicyMSPerMB=0"
  };

  private static final int HOSTS = 10;

  private CrowdContests() {}

  /** All of them. */
  public static List<Contest> contests() {
    return List.of(
        Contest.lower("ws.ready.1000", "ms", Ready.class, STEADY)
            .saying("WEB_SOCKET", 1_000)
            .beside("Java-WebSocket", "java-websocket", new Ratio(10))
            .beside("OkHttp", "okhttp")
            .beside("bare loop", "bare", new Ratio(0.9)),
        // By itself and shorter: in most rounds some of its connections come too late or never.
        Contest.lower("ws.ready.1000", "ms", Ready.class, new Pace(1, 3, false))
            .saying("WEB_SOCKET", 1_000)
            .beside("Scarlet", "scarlet", new Ratio(3)),
        // Nearly all of it is arithmetic: few rounds.
        Contest.lower("wss.ready.1000", "ms", Ready.class, new Pace(3, 5, false))
            .saying("SECURE_WEB_SOCKET", 1_000)
            .beside("Java-WebSocket", "java-websocket", new Ratio(1))
            .beside("OkHttp", "okhttp", new Ratio(1))
            .beside("bare loop", "bare", new Ratio(0.85)),
        Contest.lower("wss.ready.1000.first", "ms", Ready.class, ANEW)
            .saying("SECURE_WEB_SOCKET", 1_000)
            .beside("Java-WebSocket", "java-websocket", new Ratio(1.3))
            .beside("OkHttp", "okhttp", new Ratio(1.3))
            .beside("bare loop", "bare", new Ratio(0.85)),
        back("TLSv1.2", new Ratio(1.4)),
        fullHandshakes("TLSv1.2"),
        back("TLSv1.3", new Ratio(1.1)),
        fullHandshakes("TLSv1.3"),
        Contest.lower("race.blackhole", "ms", Swallowed.class, new Pace(1, 5, false))
            .reaching(new AtMost(350, "ms"))
            .beside("OkHttp", "okhttp"),
        Contest.lower("tcp.ready.1000", "ms", Ready.class, STEADY)
            .saying("TCP", 1_000)
            .beside("bare loop", "bare", new Ratio(0.85))
            .beside("Netty", "netty", new Ratio(1)),
        Contest.lower("quiet.1000", "ms", Quiet.class, STEADY)
            .saying("BOTH", 1_000)
            .beside("bare loop", "bare", new Ratio(0.85))
            .beside("Java-WebSocket and JDK sockets", "java-websocket", new Ratio(3.5)),
        Contest.lower("cold.10", "ms", Cold.class, COLD)
            .saying(10)
            .beside("Java-WebSocket", "java-websocket", new Ratio(1))
            .beside("OkHttp", "okhttp", new Ratio(1))
            .beside("Scarlet", "scarlet", new Ratio(1))
            .beside("bare loop", "bare", new Ratio(0.9)),
        Contest.lower("threads.1000", "threads", Cost.class, ANEW)
            .saying("THREADS", "BOTH", 1_000)
            .reaching(new AtMost(4, "threads"))
            .beside("Java-WebSocket and JDK sockets", "java-websocket"),
        heap("heap.idle.ws.resident", "RESIDENT", "WEB_SOCKET")
            .beside("Java-WebSocket", "java-websocket", new Ratio(20))
            .beside("OkHttp", "okhttp")
            .beside("bare loop", "bare", new Ratio(0.75)),
        heap("heap.idle.ws.heap", "HEAP", "WEB_SOCKET")
            .beside("Java-WebSocket", "java-websocket")
            .beside("OkHttp", "okhttp")
            .beside("bare loop", "bare"),
        heap("heap.idle.tcp.resident", "RESIDENT", "TCP")
            .beside("Netty", "netty", new Ratio(1))
            .beside("bare loop", "bare"),
        heap("heap.idle.tcp.heap", "HEAP", "TCP")
            .beside("Netty", "netty", new Ratio(1))
            .beside("bare loop", "bare"),
        heap("heap.idle.wss.resident", "RESIDENT", "SECURE_WEB_SOCKET")
            .beside("OkHttp", "okhttp", new Ratio(2)),
        Contest.lower("scale.10000", "µs per connection", Scale.class, new Pace(1, 3, false))
            .saying(10_000, 100)
            .beside("Dormouse at 100", Contest.OURS + Scale.FEW, new Ratio(0.9))
            .beside("bare loop", "bare")
            .beside("bare loop at 100", "bare" + Scale.FEW),
        Contest.lower("idle.cpu", "CPU s in 60 s", IdleCpu.class, new Pace(0, 1, true))
            .saying(1_000, 60)
            .reaching(new AtMost(0, "")));
  }

  private static Contest back(String version, Ratio toTheFirst) {
    return Contest.lower("wss.back." + version, "ms", Back.class, new Pace(12, 15, false))
        .saying("MILLIS", version, HOSTS)
        .inOneProcess()
        .comparing(Comparison.PAIRS)
        .beside("Dormouse, the first time", Contest.OURS + Back.FIRST, toTheFirst)
        .beside("OkHttp", "okhttp")
        .beside("OkHttp, the first time", "okhttp" + Back.FIRST);
  }

  private static Contest fullHandshakes(String version) {
    return Contest.lower(
            "wss.back." + version + ".full", "full handshakes of " + HOSTS, Back.class, ANEW)
        .saying("FULL", version, HOSTS)
        .reaching(new AtMost(0, ""));
  }

  private static Contest heap(String name, String what, String kind) {
    return Contest.lower(name, "bytes per connection", Cost.class, ANEW)
        .saying(what, kind, 1_000)
        .inJvmWith(SMALL_HEAP);
  }
}
