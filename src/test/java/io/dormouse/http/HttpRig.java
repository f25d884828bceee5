package io.dormouse.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.ConnectionRegistry;
import io.dormouse.connection.ConnectionState;
import io.dormouse.observe.SuspendReport;
import io.dormouse.observe.SuspendReport.Outcome;
import io.dormouse.support.Await;
import io.dormouse.support.OsSockets;
import io.dormouse.support.OwnThreads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.net.ServerSocketFactory;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockResponseBody;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.BufferedSink;

/**
 * A server, a registry and a lifecycle. The server's paths: /ok answers, /hold answers when it is
 * told to, /stream sends half of its body and the rest when it is told to, /events and /socket have
 * no end, /moved redirects to another port.
 */
final class HttpRig implements AutoCloseable {
  static final Duration BUDGET = Duration.ofSeconds(1);

  /** For what takes all of it. */
  static final Duration SHORT_BUDGET = Duration.ofMillis(300);

  /** For what must not take all of it. */
  static final Duration LONG_BUDGET = Duration.ofSeconds(20);

  /** Far below the long budget, far above the time that a peer or an app has. */
  static final Duration SOON = Duration.ofSeconds(10);

  /** Where OkHttp and the server tell of peers that went away. Kept, or they may be collected. */
  private static final List<Logger> NOISE =
      List.of(
          Logger.getLogger(OkHttpClient.class.getName()),
          Logger.getLogger(MockWebServer.class.getName()));

  static {
    NOISE.forEach(logger -> logger.setLevel(Level.OFF));
  }

  private final List<String> threadsBefore = OwnThreads.names();
  final Flavor flavor;
  final MockWebServer server = new MockWebServer();
  final MockWebServer elsewhere = new MockWebServer();
  final HeldLifecycle lifecycle = new HeldLifecycle();
  final ConnectionRegistry registry;
  final CountDownLatch release = new CountDownLatch(1);
  final AtomicInteger arrived = new AtomicInteger();
  final AtomicInteger answered = new AtomicInteger();

  HttpRig(Flavor flavor) {
    this(flavor, BUDGET);
  }

  HttpRig(Flavor flavor, Duration budget) {
    this(flavor, budget, Duration.ofSeconds(1));
  }

  /** Also with the time that a suspend has for a call with which nothing happens. */
  HttpRig(Flavor flavor, Duration budget, Duration closeTimeout) {
    this.flavor = flavor;
    registry =
        ConnectionRegistry.builder(lifecycle)
            .suspendBudget(budget)
            .closeTimeout(closeTimeout)
            .build();
    flavor.prepare(server);
    flavor.prepare(elsewhere);
    server.setServerSocketFactory(new PromptSockets());
    elsewhere.setServerSocketFactory(new PromptSockets());
    server.setDispatcher(new Paths());
    elsewhere.setDispatcher(new Paths());
    try {
      server.start();
      elsewhere.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Else Nagle's algorithm makes answers wait for delayed acknowledgements, 40 ms each. */
  private static final class PromptSockets extends ServerSocketFactory {
    @Override
    public ServerSocket createServerSocket() throws IOException {
      return new ServerSocket() {
        @Override
        public Socket accept() throws IOException {
          Socket socket = super.accept();
          socket.setTcpNoDelay(true);
          return socket;
        }
      };
    }

    @Override
    public ServerSocket createServerSocket(int port) {
      throw new AssertionError();
    }

    @Override
    public ServerSocket createServerSocket(int port, int backlog) {
      throw new AssertionError();
    }

    @Override
    public ServerSocket createServerSocket(int port, int backlog, InetAddress address) {
      throw new AssertionError();
    }
  }

  private final class Paths extends Dispatcher {
    @Override
    public MockResponse dispatch(RecordedRequest request) {
      arrived.incrementAndGet();
      MockResponse.Builder response = new MockResponse.Builder();
      switch (request.getUrl().encodedPath()) {
        case "/ok" -> response.body("hello");
        case "/hold" -> {
          Await.hold(release);
          response.body("hello");
        }
        case "/moved" -> {
          Await.hold(release);
          response.code(307).addHeader("Location", elsewhere.url("/ok").toString());
        }
        case "/stream" -> response.body(new HalfBody());
        case "/events" ->
            response.addHeader("Content-Type", "text/event-stream").body(new HalfBody());
        case "/socket" -> response.webSocketUpgrade(new WebSocketListener() {});
        default -> throw new AssertionError(request);
      }
      answered.incrementAndGet();
      return response.build();
    }
  }

  private final class HalfBody implements MockResponseBody {
    @Override
    public long getContentLength() {
      return 10;
    }

    @Override
    public void writeTo(BufferedSink sink) throws IOException {
      sink.writeUtf8("hello").flush();
      Await.hold(release);
      sink.writeUtf8("world").flush();
    }
  }

  static OkHttpClient oneAtATime() {
    OkHttpClient base = new OkHttpClient();
    base.dispatcher().setMaxRequestsPerHost(1);
    return base;
  }

  HttpConnection register() {
    return register("api", builder -> builder);
  }

  HttpConnection register(String name, UnaryOperator<HttpBuilder> more) {
    return more.apply(registry.http(name).client(flavor.client().build())).register();
  }

  Request request(String path) {
    return new Request.Builder().url(url(path)).build();
  }

  HttpUrl url(String path) {
    return server.url(path);
  }

  /** Makes a call and returns its body. */
  String get(OkHttpClient client, String path) throws IOException {
    try (Response response = client.newCall(request(path)).execute()) {
      return response.body().string();
    }
  }

  /** Enqueues a call and returns a future of its body. */
  CompletableFuture<String> enqueue(OkHttpClient client, String path) {
    return enqueue(client.newCall(request(path)));
  }

  static CompletableFuture<String> enqueue(Call call) {
    CompletableFuture<String> future = new CompletableFuture<>();
    call.enqueue(
        new Callback() {
          @Override
          public void onFailure(Call failed, IOException e) {
            future.completeExceptionally(e);
          }

          @Override
          public void onResponse(Call answered, Response response) {
            try (response) {
              future.complete(response.body().string());
            } catch (IOException e) {
              future.completeExceptionally(e);
            }
          }
        });
    return future;
  }

  /** Waits until the thread of a call waits at the gate. */
  static void awaitThreadAtTheGate() {
    Await.until(
        "a call at the gate",
        () ->
            Thread.getAllStackTraces().values().stream()
                .map(Arrays::toString)
                .anyMatch(
                    frames -> frames.contains("awaitOpen") && frames.contains("awaitChange")));
  }

  /** Waits until the server has so many requests. */
  void awaitArrived(int requests) {
    Await.until(requests + " requests at the server", () -> arrived.get() >= requests);
  }

  /** Waits until the server has answered so many requests, with the head at least. */
  void awaitAnswered(int requests) {
    Await.until(requests + " answers", () -> answered.get() >= requests);
  }

  /** Waits until so many threads wait for more of a response's body. */
  void awaitReaders(int readers) {
    Await.until(
        readers + " readers",
        () ->
            Thread.getAllStackTraces().values().stream()
                    .filter(
                        stack -> {
                          String frames = Arrays.toString(stack);
                          return frames.contains("ResponseBody.string")
                              && (frames.contains("NioSocketImpl.read")
                                  || frames.contains("Http2Stream"));
                        })
                    .count()
                >= readers);
  }

  /** Goes to the background and waits until that is over, and until the sockets are. */
  SuspendReport suspend() {
    lifecycle.onBackground();
    return settled();
  }

  static void assertSoon(SuspendReport report) {
    assertThat(report.took()).isLessThan(SOON);
    assertThat(report.find("api").orElseThrow().outcome()).isEqualTo(Outcome.CLOSED_CLEANLY);
  }

  static void awaitDraining(HttpConnection http) {
    Await.until("draining", () -> http.state() == ConnectionState.DRAINING);
  }

  SuspendReport settled() {
    SuspendReport report = Await.get(registry.settled());
    assertThat(openSockets()).as("sockets of the client in the system's table").isZero();
    assertThat(report.socketsLeft()).isZero();
    registry.assertQuiescent();
    return report;
  }

  /**
   * As {@link #suspend()} where the drain takes all of its budget: a tenth of that is left for
   * cutting off, for which a busy machine may take longer.
   */
  SuspendReport suspendToTheBudget() {
    lifecycle.onBackground();
    SuspendReport report = Await.get(registry.settled());
    Await.until("no socket", () -> openSockets() == 0);
    registry.assertQuiescent();
    return report;
  }

  /** Counts the client's sockets as the system does. */
  long openSockets() {
    return OsSockets.connectedTo(server.getPort()) + OsSockets.connectedTo(elsewhere.getPort());
  }

  /** Opens a WebSocket and waits until it is open; the future completes when it has failed. */
  CompletableFuture<Throwable> webSocket(OkHttpClient client) {
    CompletableFuture<Void> open = new CompletableFuture<>();
    CompletableFuture<Throwable> failed = new CompletableFuture<>();
    WebSocket unused =
        client.newWebSocket(
            request("/socket"),
            new WebSocketListener() {
              @Override
              public void onOpen(WebSocket webSocket, Response response) {
                open.complete(null);
              }

              @Override
              public void onFailure(WebSocket webSocket, Throwable t, Response response) {
                open.completeExceptionally(t);
                failed.complete(t);
              }
            });
    Await.get(open);
    return failed;
  }

  @Override
  public void close() {
    lifecycle.releaseLoop();
    release.countDown();
    registry.close();
    server.close();
    elsewhere.close();
    OwnThreads.awaitNoneBesides(threadsBefore);
  }
}
