package io.dormouse.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.connection.CloseReason;
import io.dormouse.engine.Generation;
import io.dormouse.loop.ManualLoop;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import javax.net.SocketFactory;
import okhttp3.Call;
import okhttp3.ConnectionPool;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.ResponseBody;
import org.junit.jupiter.api.Test;

/** The wire and the gate alone, on virtual time, with calls whose events the test tells. */
class HttpWireTest {
  private static final Duration FORGOTTEN = Duration.ofSeconds(1);
  private static final InetSocketAddress SERVER =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 9);

  private final ManualLoop loop = new ManualLoop();
  private final AtomicInteger flushed = new AtomicInteger();
  private final AtomicBoolean wanted = new AtomicBoolean(true);
  private final ConnectionView connection =
      fake(
          ConnectionView.class,
          Map.of(
              "name", arguments -> "api",
              "mayBegin", arguments -> wanted.get(),
              "refusal", arguments -> new IOException("refused"),
              "cutOff", arguments -> new IOException("cut off", (IOException) arguments[0])));
  private final Gate gate = newGate(InFlight.DRAIN);
  private final HttpWire wire = newWire(gate);

  private Gate newGate(InFlight inFlight) {
    return new Gate(connection, loop::nanoTime, inFlight, FORGOTTEN.toNanos(), () -> {});
  }

  private HttpWire newWire(Gate of) {
    return new HttpWire(
        fake(
            Generation.class,
            Map.of(
                "connectionName", arguments -> "api",
                "connected", arguments -> null,
                "flushed", arguments -> flushed.incrementAndGet(),
                "offload", arguments -> offload((Callable<?>) arguments[0], arguments[1]),
                "closed", arguments -> null,
                "loop", arguments -> loop)),
        of,
        new SocketTracker(SocketFactory.getDefault(), connection, of, Runnable::run),
        new Pools("api", new ConnectionPool()),
        new CallThreads(),
        new Dispatcher(),
        FORGOTTEN.toNanos());
  }

  @SuppressWarnings("unchecked")
  private static Object offload(Callable<?> work, Object done) {
    try {
      ((Consumer<Object>) done).accept(work.call());
      return done;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
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

  private static Call newCall() {
    return new OkHttpClient().newCall(new Request.Builder().url("http://localhost/").build());
  }

  /** A call that has started. */
  private Call begin() {
    Call call = newCall();
    new CallEvents.Start(gate.create(call)).callStart(call);
    return call;
  }

  /** A call whose request is on its way. */
  private Call send() {
    Call call = begin();
    events(call).requestHeadersStart(call);
    return call;
  }

  private CallEvents events(Call call) {
    return new CallEvents(gate.of(call));
  }

  /** What the socket tracker does with a socket that a call is to connect. */
  private boolean connects(GatedCall call, Socket socket) {
    call.connects(SERVER, socket);
    return gate.mayConnect(call);
  }

  private void onLoop(Runnable action) {
    loop.execute(action);
    loop.run();
  }

  private void suspend() {
    wanted.set(false);
    onLoop(wire::flush);
  }

  private static Response response(Call call, int code, String type) {
    return new Response.Builder()
        .request(call.request())
        .protocol(okhttp3.Protocol.HTTP_1_1)
        .code(code)
        .message("")
        .header("Content-Type", type)
        .body(ResponseBody.create("", null))
        .build();
  }

  // ------------------------------------------------------------------------------ what is drained

  @Test
  void aDrainWithNothingInFlightIsFlushedAtOnce() {
    onLoop(wire::connect);
    gate.leave(send());
    suspend();
    assertThat(flushed).hasValue(1);
    loop.advance(Duration.ofMinutes(1));
    assertThat(flushed).as("it is told once").hasValue(1);
  }

  @Test
  void theLastCallInFlightFlushesTheDrain() {
    onLoop(wire::connect);
    Call first = send();
    Call second = send();
    suspend();
    gate.leave(first);
    loop.run();
    assertThat(flushed).hasValue(0);
    gate.leave(second);
    loop.run();
    assertThat(flushed).hasValue(1);
  }

  @Test
  void aDrainThatWasCalledOffDoesNotFlushTheNextOne() {
    onLoop(wire::connect);
    Call first = send();
    suspend();
    gate.leave(first); // the loop hears of it only after the app has come and gone once more
    wanted.set(true);
    loop.execute(wire::unflush);
    loop.run();
    flushed.set(0);
    Call second = send();
    suspend();
    assertThat(flushed).hasValue(0);
    gate.leave(second);
    loop.run();
    assertThat(flushed).hasValue(1);
  }

  @Test
  void noCallBeginsDuringADrain() {
    onLoop(wire::connect);
    send();
    suspend();
    GatedCall watch = gate.create(newCall());
    assertThat(gate.enter(watch)).isFalse();
    wanted.set(true);
    assertThat(gate.enter(watch)).as("the loop has not opened it yet").isFalse();
    onLoop(wire::unflush);
    assertThat(gate.enter(watch)).isTrue();
  }

  @Test
  void aServerMayTakeAsLongAsTheBudget() {
    onLoop(wire::connect);
    send();
    suspend();
    loop.advance(Duration.ofMinutes(1));
    assertThat(flushed).hasValue(0);
  }

  @Test
  void aResponseThatNobodyReadsIsNotWaitedForLongerThanTheCloseTime() {
    onLoop(wire::connect);
    GatedCall watch = gate.of(send());
    watch.idles();
    suspend();
    loop.advance(FORGOTTEN.dividedBy(2));
    assertThat(flushed).hasValue(0);
    watch.isBusy();
    watch.idles();
    loop.advance(FORGOTTEN.multipliedBy(3).dividedBy(4));
    assertThat(flushed).as("it was read from").hasValue(0);
    loop.advance(FORGOTTEN.dividedBy(2));
    assertThat(flushed).hasValue(1);
  }

  @Test
  void aReaderThatWaitsForTheServerIsWaitedFor() {
    onLoop(wire::connect);
    GatedCall watch = gate.of(send());
    watch.idles();
    watch.isBusy();
    suspend();
    loop.advance(Duration.ofMinutes(1));
    assertThat(flushed).hasValue(0);
    watch.idles();
    loop.advance(FORGOTTEN.multipliedBy(2));
    assertThat(flushed).hasValue(1);
  }

  @Test
  void aCallThatGoesOnAfterItsResponseWasClosedIsWaitedFor() {
    onLoop(wire::connect);
    GatedCall watch = gate.of(send());
    watch.idles(); // to an interceptor of the app
    watch.isBusy(); // which asks for a token now, and then proceeds again
    suspend();
    loop.advance(Duration.ofMinutes(1));
    assertThat(flushed).hasValue(0);
  }

  @Test
  void aCallThatWasLetInButDoesNotGetGoingIsNotWaitedForLongerThanTheCloseTime() {
    onLoop(wire::connect);
    Call blocked = begin();
    Call sent = send();
    suspend();
    loop.advance(FORGOTTEN.multipliedBy(3));
    assertThat(flushed).as("the other one is in flight").hasValue(0);
    gate.leave(sent);
    loop.advance(FORGOTTEN.dividedBy(2));
    assertThat(flushed).as("its turn may have come just now").hasValue(0);
    loop.advance(FORGOTTEN);
    assertThat(flushed).hasValue(1);
    assertThat(gate.of(blocked).stage).isEqualTo(GatedCall.Stage.ADMITTED);
  }

  @Test
  void refusalsDoNotKeepADrainGoing() {
    onLoop(wire::connect);
    Call blocked = begin();
    suspend();
    for (int i = 0; i < 8; i++) {
      assertThat(gate.enter(gate.create(newCall()))).isFalse();
      loop.advance(FORGOTTEN.dividedBy(4));
    }
    assertThat(flushed).hasValue(1);
    assertThat(blocked.isCanceled()).isFalse();
  }

  @Test
  void aLeakedResponseThatWasCollectedDoesNotHoldUpTheDrain() {
    onLoop(wire::connect);
    Call call = send();
    suspend();
    assertThat(flushed).hasValue(0);
    java.lang.ref.WeakReference<Call> gone = new java.lang.ref.WeakReference<>(call);
    call = null;
    io.dormouse.support.Await.until(
        "collected",
        () -> {
          System.gc();
          return gone.get() == null;
        });
    io.dormouse.support.Await.until(
        "flushed",
        () -> {
          loop.advance(FORGOTTEN.dividedBy(4));
          return flushed.get() == 1;
        });
  }

  @Test
  void aStreamHasNoEndUnlessItsTagSaysSo() {
    onLoop(wire::connect);
    Call stream = send();
    events(stream).responseHeadersEnd(stream, response(stream, 200, "Text/Event-Stream"));
    Call upgraded = send();
    events(upgraded).responseHeadersEnd(upgraded, response(upgraded, 101, ""));
    suspend();
    assertThat(flushed).hasValue(1);
  }

  // ------------------------------------------------------------------------------ what is cut

  @Test
  void aCallThatLooksForASocketIsTakenBackAtOnce() throws IOException {
    onLoop(wire::connect);
    Call call = begin();
    GatedCall watch = gate.of(call);
    events(call).connectStart(call, SERVER, java.net.Proxy.NO_PROXY);
    try (Socket socket = new Socket()) {
      assertThat(connects(watch, socket)).isTrue();
      suspend();
      assertThat(flushed).hasValue(1);
      assertThat(socket.isClosed()).isTrue();
      assertThat(gate.wasTakenBack(watch)).isTrue();
      assertThatThrownBy(() -> events(call).connectEnd(call, SERVER, java.net.Proxy.NO_PROXY, null))
          .hasMessage("refused");
    }
  }

  @Test
  void aCallThatIsStillLookingUpItsServersNameIsTakenBackAtOnce() {
    onLoop(wire::connect);
    Call call = begin();
    events(call).dnsStart(call, "localhost");
    suspend();
    assertThat(flushed).hasValue(1);
    assertThatThrownBy(() -> events(call).connectStart(call, SERVER, java.net.Proxy.NO_PROXY))
        .hasMessage("refused");
  }

  @Test
  void aCallThatHasFoundASocketIsNotTakenBack() throws IOException {
    onLoop(wire::connect);
    Call call = begin();
    GatedCall watch = gate.of(call);
    try (Socket socket = new Socket()) {
      events(call).connectStart(call, SERVER, java.net.Proxy.NO_PROXY);
      assertThat(connects(watch, socket)).isTrue();
      events(call).connectEnd(call, SERVER, java.net.Proxy.NO_PROXY, null);
      events(call).connectionAcquired(call, null);
      suspend();
      assertThat(flushed).hasValue(0);
      assertThat(socket.isClosed()).isFalse();
      events(call).requestHeadersStart(call);
    }
  }

  @Test
  void aSocketThatWasClosedInBetweenIsNotUsed() throws IOException {
    onLoop(wire::connect);
    Call call = begin();
    GatedCall watch = gate.of(call);
    Socket socket = new Socket();
    assertThat(connects(watch, socket)).isTrue();
    socket.close();
    assertThatThrownBy(() -> events(call).connectEnd(call, SERVER, java.net.Proxy.NO_PROXY, null))
        .hasMessage("refused");
  }

  @Test
  void whatWasTakenBackIsNotSentEvenIfTheAppIsBack() {
    onLoop(wire::connect);
    Call call = begin();
    GatedCall watch = gate.of(call);
    events(call).dnsStart(call, "localhost");
    suspend();
    wanted.set(true);
    onLoop(wire::connect); // of the next generation
    assertThatThrownBy(() -> events(call).requestHeadersStart(call))
        .isInstanceOf(NotSentException.class)
        .hasMessage("refused");
    assertThat(gate.enter(watch)).isTrue();
    events(call).requestHeadersStart(call);
  }

  @Test
  void whatWasSentIsCutOffAndWhatWasNotHasToAskAgain() {
    onLoop(wire::connect);
    GatedCall sent = gate.of(send());
    GatedCall queued = gate.of(begin());
    suspend();
    onLoop(() -> wire.closeGracefully(CloseReason.of(CloseReason.Kind.SUSPENDED), 0));
    IOException failure = new IOException("Socket closed");
    assertThat(gate.explain(sent, failure)).hasMessage("cut off").hasCause(failure);
    assertThat(gate.explain(queued, failure)).isSameAs(failure);
    assertThat(gate.wasTakenBack(sent)).isFalse();
    assertThat(gate.wasTakenBack(queued)).isTrue();
    wanted.set(true);
    onLoop(wire::connect);
    assertThat(gate.mayConnect(sent)).as("nothing is sent twice").isFalse();
    assertThat(gate.send(sent)).isFalse();
  }

  @Test
  void aCallThatTheLoopIsLateForIsRefusedASocket() {
    onLoop(wire::connect);
    Call call = begin();
    GatedCall watch = gate.of(call);
    wanted.set(false); // the app's hook has returned, and the loop has not heard of it
    assertThatThrownBy(() -> events(call).dnsStart(call, "localhost")).hasMessage("refused");
    assertThat(gate.wasTakenBack(watch)).isTrue();
  }

  @Test
  void nothingIsTakenBackIfTheAppIsBackBeforeTheLoopReacts() {
    onLoop(wire::connect);
    Call call = begin();
    GatedCall watch = gate.of(call);
    events(call).dnsStart(call, "localhost");
    onLoop(wire::flush); // the loop saw a background that is over
    assertThat(flushed).hasValue(0);
    assertThat(gate.wasTakenBack(watch)).isFalse();
    wanted.set(false); // and comes again
    loop.advance(FORGOTTEN.dividedBy(2));
    assertThat(gate.wasTakenBack(watch)).isTrue();
    assertThat(flushed).hasValue(1);
  }

  @Test
  void callsToBeCancelledAreNotWaitedForUnlessTheAppIsBack() {
    Gate cancels = newGate(InFlight.CANCEL);
    HttpWire cancelling = newWire(cancels);
    onLoop(cancelling::connect);
    Call call = newCall();
    assertThat(cancels.enter(cancels.of(call))).isTrue();
    assertThat(cancels.send(cancels.of(call))).isTrue();
    onLoop(cancelling::flush);
    assertThat(flushed).as("the app is back").hasValue(0);
    wanted.set(false);
    loop.advance(FORGOTTEN.dividedBy(2));
    assertThat(flushed).hasValue(1);
  }

  // ------------------------------------------------------------------- calls within calls

  @Test
  void aCallThatOneInFlightNeedsMayBeginDuringTheDrain() {
    onLoop(wire::connect);
    Call outer = send();
    GatedCall outerWatch = gate.of(outer);
    suspend();
    CurrentCall.runs(outerWatch);
    Call inner = begin();
    CurrentCall.runs(null);
    GatedCall innerWatch = gate.of(inner);
    events(inner).dnsStart(inner, "localhost");
    events(inner).connectStart(inner, SERVER, java.net.Proxy.NO_PROXY);
    loop.advance(FORGOTTEN.dividedBy(2));
    assertThat(gate.wasTakenBack(innerWatch)).isFalse();
    events(inner).requestHeadersStart(inner);

    assertThat(gate.enter(gate.create(newCall()))).as("a call of its own").isFalse();
    gate.leave(inner);
    gate.leave(outer);
    loop.run();
    assertThat(flushed).hasValue(1);
  }

  @Test
  void aCallWithinOneThatHasNotBeenSentMayNotBegin() {
    onLoop(wire::connect);
    CurrentCall.runs(gate.of(begin()));
    suspend();
    GatedCall inner = gate.of(begin());
    CurrentCall.runs(null);
    assertThat(gate.enter(inner)).isFalse();
  }

  @Test
  void aCallWithinOneThatWasCutOffFails() {
    onLoop(wire::connect);
    GatedCall outer = gate.of(send());
    suspend();
    onLoop(wire::abort);
    CurrentCall.runs(outer);
    GatedCall inner = gate.of(begin());
    CurrentCall.runs(null);
    assertThat(gate.enter(inner)).isFalse();
    assertThat(gate.isWithinOneCutOff(inner)).isTrue();
    assertThat(gate.isWithinOneCutOff(outer)).isFalse();
  }

  @Test
  void theEndOfACallWithinOneCountsAsItsOwnMove() {
    onLoop(wire::connect);
    GatedCall outer = gate.of(send());
    outer.idles(); // to an interceptor, which has not closed the response
    CurrentCall.runs(outer);
    Call inner = send();
    CurrentCall.runs(null);
    suspend();
    loop.advance(FORGOTTEN.multipliedBy(5));
    gate.leave(inner);
    loop.run();
    assertThat(flushed).as("the interceptor goes on now").hasValue(0);
    loop.advance(FORGOTTEN.multipliedBy(2));
    assertThat(flushed).hasValue(1);
  }
}
