package io.dormouse.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.engine.Generation;
import io.dormouse.loop.Loop;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import javax.net.SocketFactory;
import okhttp3.Call;
import okhttp3.ConnectionPool;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import org.junit.jupiter.api.Test;

/** The wire and the gate alone, with a loop that stands still until it is told to go on. */
class HttpWireTest {
  private final Queue<Runnable> loop = new ArrayDeque<>();
  private final AtomicInteger flushed = new AtomicInteger();
  private final Standing wanted = fake(Standing.class, Map.of("mayBegin", arguments -> true));
  private final Gate gate = new Gate(wanted);
  private final HttpWire wire =
      new HttpWire(
          fake(
              Generation.class,
              Map.of(
                  "connected", arguments -> null,
                  "flushed", arguments -> flushed.incrementAndGet(),
                  "loop", arguments -> fakeLoop())),
          gate,
          new SocketTracker(SocketFactory.getDefault(), wanted),
          new ConnectionPool(),
          new CallThreads(),
          false);

  private Loop fakeLoop() {
    return fake(Loop.class, Map.of("execute", arguments -> loop.add((Runnable) arguments[0])));
  }

  private static <T> T fake(Class<T> type, Map<String, Function<Object[], ?>> answers) {
    Object made =
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              Object answer = answers.get(method.getName()).apply(arguments);
              return method.getReturnType() == void.class ? null : answer;
            });
    return type.cast(made);
  }

  private Call begin() {
    Call call = new OkHttpClient().newCall(new Request.Builder().url("http://localhost/").build());
    new CallWatch("api", gate).callStart(call);
    return call;
  }

  private void runLoop() {
    for (Runnable next = loop.poll(); next != null; next = loop.poll()) {
      next.run();
    }
  }

  @Test
  void aDrainWithNothingInFlightIsFlushedAtOnce() {
    wire.connect();
    gate.leave(begin());
    wire.flush();
    assertThat(flushed).hasValue(1);
  }

  @Test
  void theLastCallInFlightFlushesTheDrain() {
    wire.connect();
    Call first = begin();
    Call second = begin();
    wire.flush();
    gate.leave(first);
    runLoop();
    assertThat(flushed).hasValue(0);
    gate.leave(second);
    runLoop();
    assertThat(flushed).hasValue(1);
  }

  @Test
  void aDrainThatWasCalledOffDoesNotFlushTheNextOne() {
    wire.connect();
    Call first = begin();
    wire.flush();
    gate.leave(first); // the loop hears of it only after the app has come and gone once more
    wire.unflush();
    Call second = begin();
    wire.flush();
    runLoop();
    assertThat(flushed).hasValue(0);
    gate.leave(second);
    runLoop();
    assertThat(flushed).hasValue(1);
  }

  @Test
  void noCallBeginsDuringADrain() {
    wire.connect();
    begin();
    wire.flush();
    CallWatch watch = new CallWatch("api", gate);
    assertThat(gate.enter(watch)).isFalse();
    wire.unflush();
    assertThat(gate.enter(watch)).isTrue();
  }

  @Test
  void whatWasAcceptedButHasNotBegunIsNotCutOff() {
    wire.connect();
    Call running = begin();
    assertThat(gate.enter(gate.watchOf(running))).isTrue();
    Call queued = begin();
    wire.flush();
    assertThat(gate.cutOff()).containsExactly(running);
    assertThat(gate.isDrained()).isTrue();
    assertThat(gate.enter(gate.watchOf(queued))).as("it has to ask again").isFalse();
  }
}
