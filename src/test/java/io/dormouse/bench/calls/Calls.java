package io.dormouse.bench.calls;

import io.dormouse.ConnectionRegistry;
import io.dormouse.bench.Comparison;
import io.dormouse.bench.Contender;
import io.dormouse.bench.Contest;
import io.dormouse.bench.Contest.Pace;
import io.dormouse.bench.Goal.Ratio;
import io.dormouse.bench.Round;
import io.dormouse.bench.Setting;
import io.dormouse.lifecycle.ManualAppLifecycle;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;

/** One GET after the other on one connection, each with its body; how many in a second. */
public final class Calls implements Contender {
  private static final Duration CALL_LIMIT = Duration.ofSeconds(5);

  /** Many short rounds: neighbours meet the same machine, and one that did not is outvoted. */
  private static final Pace SHORT = new Pace(80, 240, false);

  private static final int ROUND_MILLIS = 25;

  private final ManualAppLifecycle lifecycle = new ManualAppLifecycle();
  private final ConnectionRegistry registry = ConnectionRegistry.builder(lifecycle).build();
  private final OkHttpClient client;
  private final Request request;
  private final long roundNanos;

  /** Words: the protocol as OkHttp names it, and the milliseconds of a round. */
  public Calls(Setting setting) {
    OkHttpClient plain =
        new OkHttpClient.Builder()
            .protocols(List.of(Protocol.valueOf(setting.word(0))))
            .callTimeout(CALL_LIMIT)
            .build();
    boolean ours = setting.library().equals(Contest.OURS);
    client = ours ? registry.http("api").client(plain).register().client() : plain;
    request = new Request.Builder().url("http://127.0.0.1:" + setting.ports().http() + "/").build();
    roundNanos = TimeUnit.MILLISECONDS.toNanos(setting.number(1));
    lifecycle.onForeground();
  }

  /** All of them. */
  public static List<Contest> contests() {
    return List.of(
        overhead("http.overhead.http1", Protocol.HTTP_1_1),
        overhead("http.overhead.http2", Protocol.H2_PRIOR_KNOWLEDGE));
  }

  private static Contest overhead(String name, Protocol protocol) {
    return Contest.higher(name, "GET/s", Calls.class, SHORT)
        .inOneProcess()
        .comparing(Comparison.PAIRS)
        .saying(protocol.name(), ROUND_MILLIS)
        .beside("OkHttp", "okhttp", new Ratio(0.98));
  }

  @Override
  public Round play() {
    long begun = System.nanoTime();
    long took;
    int answered = 0;
    int missing = 0;
    do {
      try (Response response = client.newCall(request).execute()) {
        response.body().bytes();
        answered++;
      } catch (IOException e) {
        System.err.println("a call failed: " + e);
        missing++;
      }
      took = System.nanoTime() - begun;
    } while (took < roundNanos && missing == 0);
    return new Round(answered / (took / 1e9), missing);
  }

  @Override
  public void close() {
    registry.close();
    client.connectionPool().evictAll();
  }
}
