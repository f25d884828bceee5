package io.dormouse.http;

import io.dormouse.engine.Generation;
import io.dormouse.loop.ManualLoop;
import io.dormouse.network.LookUps;
import io.dormouse.network.Network;
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

/** The wire and the gate alone, on virtual time, with calls whose events the test tells. */
abstract class HttpWireFrame {
  static final Duration FORGOTTEN = Duration.ofSeconds(1);
  static final InetSocketAddress SERVER =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 9);

  final ManualLoop loop = new ManualLoop();
  final AtomicInteger flushed = new AtomicInteger();
  final AtomicBoolean wanted = new AtomicBoolean(true);
  private final ConnectionView connection =
      fake(
          ConnectionView.class,
          Map.of(
              "name", arguments -> "api",
              "mayBegin", arguments -> wanted.get(),
              "refusal", arguments -> new IOException("refused"),
              "cutOff", arguments -> new IOException("cut off", (IOException) arguments[0])));
  final Gate gate = newGate(InFlight.DRAIN);
  final HttpWire wire = newWire(gate);

  Gate newGate(InFlight inFlight) {
    return new Gate(connection, loop::nanoTime, inFlight, FORGOTTEN.toNanos(), () -> {});
  }

  HttpWire newWire(Gate of) {
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
        new SharedDns(null, loop, new LookUps(loop, Network.system(), Runnable::run), of),
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

  static Call newCall() {
    return new OkHttpClient().newCall(new Request.Builder().url("http://localhost/").build());
  }

  /** A call that has started. */
  Call begin() {
    Call call = newCall();
    new CallEvents.Start(gate.create(call)).callStart(call);
    return call;
  }

  /** A call whose request is on its way. */
  Call send() {
    Call call = begin();
    events(call).requestHeadersStart(call);
    return call;
  }

  CallEvents events(Call call) {
    return new CallEvents(gate.of(call));
  }

  /** What the socket tracker does with a socket that a call is to connect. */
  boolean connects(GatedCall call, Socket socket) {
    call.connects(SERVER, socket);
    return gate.mayConnect(call);
  }

  void onLoop(Runnable action) {
    loop.execute(action);
    loop.run();
  }

  void suspend() {
    wanted.set(false);
    onLoop(wire::flush);
  }

  static Response response(Call call, int code, String type) {
    return new Response.Builder()
        .request(call.request())
        .protocol(okhttp3.Protocol.HTTP_1_1)
        .code(code)
        .message("")
        .header("Content-Type", type)
        .body(ResponseBody.create("", null))
        .build();
  }
}
