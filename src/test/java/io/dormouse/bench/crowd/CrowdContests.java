package io.dormouse.bench.crowd;

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

  private CrowdContests() {}

  /** All of them. */
  public static List<Contest> contests() {
    return List.of(
        Contest.lower("ws.ready.1000", "ms", Ready.class, STEADY)
            .saying("WEB_SOCKET", 1_000)
            .beside("Java-WebSocket", "java-websocket", new Ratio(8))
            .beside("OkHttp", "okhttp", new Ratio(3))
            .beside("bare loop", "bare", new Ratio(0.8)),
        // By itself and shorter: in most rounds some of its connections come too late or never.
        Contest.lower("ws.ready.1000", "ms", Ready.class, new Pace(1, 3, false))
            .saying("WEB_SOCKET", 1_000)
            .beside("Scarlet", "scarlet", new Ratio(3)),
        Contest.lower("tcp.ready.1000", "ms", Ready.class, STEADY)
            .saying("TCP", 1_000)
            .beside("bare loop", "bare", new Ratio(0.8))
            .beside("Netty", "netty", new Ratio(1)),
        Contest.lower("quiet.1000", "ms", Quiet.class, STEADY)
            .saying("BOTH", 1_000)
            .beside("bare loop", "bare", new Ratio(0.8))
            .beside("Java-WebSocket and JDK sockets", "java-websocket", new Ratio(3)),
        Contest.lower("cold.10", "ms", Cold.class, COLD)
            .saying(10)
            .beside("Java-WebSocket", "java-websocket", new Ratio(1))
            .beside("OkHttp", "okhttp", new Ratio(1))
            .beside("Scarlet", "scarlet", new Ratio(1))
            .beside("bare loop", "bare"),
        Contest.lower("threads.1000", "threads", Cost.class, ANEW)
            .saying("THREADS", "BOTH", 1_000)
            .reaching(new AtMost(4, "threads"))
            .beside("Java-WebSocket and JDK sockets", "java-websocket"),
        heap("heap.idle.ws.resident", "RESIDENT", "WEB_SOCKET")
            .beside("Java-WebSocket", "java-websocket", new Ratio(10))
            .beside("OkHttp", "okhttp")
            .beside("bare loop", "bare"),
        heap("heap.idle.ws.heap", "HEAP", "WEB_SOCKET")
            .beside("Java-WebSocket", "java-websocket")
            .beside("OkHttp", "okhttp")
            .beside("bare loop", "bare"),
        heap("heap.idle.tcp.resident", "RESIDENT", "TCP")
            .beside("Netty", "netty")
            .beside("bare loop", "bare"),
        heap("heap.idle.tcp.heap", "HEAP", "TCP")
            .beside("Netty", "netty")
            .beside("bare loop", "bare"),
        Contest.lower("scale.10000", "µs per connection", Scale.class, new Pace(1, 3, false))
            .saying(10_000, 100)
            .beside("Dormouse at 100", Contest.OURS + Scale.FEW, new Ratio(1 / 1.2))
            .beside("bare loop", "bare")
            .beside("bare loop at 100", "bare" + Scale.FEW),
        Contest.lower("idle.cpu", "CPU s in 60 s", IdleCpu.class, new Pace(0, 1, true))
            .saying(1_000, 60)
            .reaching(new AtMost(0, "")));
  }

  private static Contest heap(String name, String what, String kind) {
    return Contest.lower(name, "bytes per connection", Cost.class, ANEW)
        .saying(what, kind, 1_000)
        .inJvmWith(SMALL_HEAP);
  }
}
