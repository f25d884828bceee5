package io.dormouse.example;

import io.dormouse.ConnectionRegistry;
import io.dormouse.connection.Connection;
import io.dormouse.connection.ConnectionSnapshot;
import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.RetryPolicy;
import io.dormouse.http.HttpConnection;
import io.dormouse.http.WhileSuspended;
import io.dormouse.lifecycle.AppLifecycle;
import io.dormouse.lifecycle.ManualAppLifecycle;
import io.dormouse.observe.SuspendReport;
import io.dormouse.observe.jfr.JfrEvents;
import io.dormouse.observe.micrometer.RegistryMetrics;
import io.dormouse.observe.timeline.Timeline;
import io.dormouse.observe.timeline.TimelineRecorder;
import io.dormouse.task.LongRunningTask;
import io.dormouse.tcp.Framing;
import io.dormouse.tcp.TcpConnection;
import io.dormouse.udp.UdpConnection;
import io.dormouse.websocket.Compression;
import io.dormouse.websocket.WebSocketConnection;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.PasswordAuthentication;
import java.net.ProxySelector;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import javax.net.ssl.SSLContext;
import javax.net.ssl.X509TrustManager;
import okhttp3.CertificatePinner;
import okhttp3.Dns;
import okhttp3.OkHttpClient;

/** What the guide shows. */
final class Guide {
  private final OkHttpClient ownClient;
  private final Executor mainThread;

  Guide(OkHttpClient ownClient, Executor mainThread) {
    this.ownClient = ownClient;
    this.mainThread = mainThread;
  }

  HttpConnection http(ConnectionRegistry registry) {
    // begin: http
    HttpConnection api =
        registry
            .http("api")
            .client(ownClient) // timeouts, TLS, interceptors, cache
            .whileSuspended(WhileSuspended.waitUpTo(Duration.ofSeconds(20))) // or failFast()
            .register();
    OkHttpClient client = api.client(); // for Retrofit and all else that takes a client
    // end: http
    client.dispatcher().setMaxRequests(64);
    return api;
  }

  TcpConnection tcp(ConnectionRegistry registry) {
    // begin: tcp
    TcpConnection telemetry =
        registry
            .tcp("telemetry")
            .connectTo("telemetry.example.com", 9000)
            .idleTimeout(Duration.ofMinutes(2))
            .prepare(Duration.ofSeconds(5), tcp -> tcp.send(signIn())) // goes first on each socket
            .onData((tcp, bytes) -> show(bytes.remaining() + " bytes"))
            .register();
    // end: tcp
    return telemetry;
  }

  @SuppressWarnings("FutureReturnValueIgnored") // whether the answer was sent does not matter here
  TcpConnection messages(ConnectionRegistry registry) {
    // begin: messages
    Framing<String> lines = Framing.lines(8_192); // a longer one ends the connection

    TcpConnection control =
        registry
            .tcp("control")
            .connectTo("control.example.com", 9001)
            .onMessage(lines, (tcp, line) -> tcp.send(lines.encode("ok " + line)))
            .register();
    // end: messages
    return control;
  }

  TcpConnection borrowed(ConnectionRegistry registry) {
    // begin: borrowed
    CRC32 sum = new CRC32();

    TcpConnection download =
        registry
            .tcp("download")
            .connectTo("files.example.com", 9003)
            .onBorrowedData((tcp, bytes) -> sum.update(bytes)) // not to be kept
            .register();
    // end: borrowed
    return download;
  }

  TcpConnection tls(
      ConnectionRegistry registry,
      SSLContext ownContext,
      X509TrustManager ownTrust,
      CertificatePinner pins) {
    // begin: tls
    TcpConnection orders =
        registry
            .tcp("orders")
            .connectTo("orders.example.com", 9443)
            .tls(
                tls ->
                    tls.sslContext(ownContext, ownTrust) // or the platform's, if this is left out
                        .certificatePinner(pins))
            .onData((tcp, bytes) -> show(tcp.tlsSession().get().protocol()))
            .register();
    // end: tls
    return orders;
  }

  UdpConnection udp(ConnectionRegistry registry) {
    // begin: udp
    UdpConnection discovery =
        registry
            .udp("discovery")
            .bind(5353)
            .joinGroup("224.0.0.251") // joined again after each background
            .onDatagram((udp, datagram) -> show("from " + datagram.sender()))
            .register();
    // end: udp
    return discovery;
  }

  WebSocketConnection webSocket(ConnectionRegistry registry) {
    // begin: websocket
    WebSocketConnection chat =
        registry
            .webSocket("chat")
            .connectTo(() -> URI.create("wss://chat.example.com/v1")) // asked for each attempt
            .headers(() -> Map.of("Authorization", "Bearer " + freshToken())) // and so is this
            .subprotocols("chat.v2", "chat.v1")
            .onText((ws, text) -> show(text))
            .register();
    // end: websocket
    return chat;
  }

  WebSocketConnection compressed(ConnectionRegistry registry) {
    // begin: compression
    WebSocketConnection prices =
        registry
            .webSocket("prices")
            .connectTo("ws://prices.example.com/v1")
            .compression(Compression.deflate().minimumSize(512).withoutClientTakeover())
            .followRedirects(3)
            .onText((ws, text) -> show(text))
            .register();
    // end: compression
    return prices;
  }

  ConnectionRegistry addresses(AppLifecycle lifecycle, Dns dnsOverHttps) {
    // begin: addresses
    ConnectionRegistry registry =
        ConnectionRegistry.builder(lifecycle)
            .dns(dnsOverHttps) // the system's resolver otherwise
            .proxySelector(ProxySelector.getDefault()) // the system's choice; otherwise none
            .proxyAuthenticator(proxy -> new PasswordAuthentication("mole", proxyPassword()))
            .build();
    // end: addresses
    return registry;
  }

  private static char[] proxyPassword() {
    return new char[0];
  }

  void send(WebSocketConnection chat) {
    // begin: send
    chat.sendText("hello")
        .whenComplete(
            (nothing, failure) -> {
              if (failure != null) {
                show("not sent: " + failure.getMessage());
              }
            });
    // end: send
  }

  void whenOpen(WebSocketConnection chat) {
    // begin: whenOpen
    chat.whenOpen().orTimeout(10, TimeUnit.SECONDS).thenRun(() -> chat.sendText("back again"));
    // end: whenOpen
  }

  void task(ConnectionRegistry registry, Connection api) {
    // begin: task
    LongRunningTask upload =
        registry.startTask(
            "upload",
            task ->
                task.covering(api)
                    .atMost(Duration.ofMinutes(3))
                    .onExpiring(expiring -> saveProgress())
                    .onRevoked(revoked -> saveProgress()));
    // upload.revoke() when the platform takes it back, upload.close() when it is done
    // end: task
    upload.close();
  }

  ConnectionRegistry registry() {
    // begin: lifecycles
    ManualAppLifecycle app = new ManualAppLifecycle();
    ManualAppLifecycle network = new ManualAppLifecycle(); // in the foreground while there is one

    ConnectionRegistry registry =
        ConnectionRegistry.builder(AppLifecycle.allOf(app.settled(Duration.ofMillis(700)), network))
            .retryPolicy(RetryPolicy.withBackoff(Duration.ofSeconds(2), Duration.ofMinutes(2)))
            .callbackExecutor(mainThread)
            .build();
    // end: lifecycles
    return registry;
  }

  void suspend(ManualAppLifecycle lifecycle, ConnectionRegistry registry) {
    // begin: suspend
    lifecycle.onBackground(); // returns at once

    // Where the process is frozen as soon as the hook returns:
    boolean asleep = registry.awaitSettled(Duration.ofSeconds(4));

    // Where it goes on, or for the report:
    CompletableFuture<SuspendReport> report = registry.settled();

    // Where a socket that is left over is a bug; those that a live task covers may stay:
    registry.assertQuiescent();
    // end: suspend
    show(asleep + ": " + report.join());
  }

  void observe(ConnectionRegistry registry, WebSocketConnection chat) {
    // begin: observe
    chat.addListener(
        (connection, change) -> {
          if (change.to() == ConnectionState.WAITING) {
            change.reason().ifPresent(why -> show(connection.name() + " tries again: " + why));
          }
        });
    for (ConnectionSnapshot now : registry.snapshot().connections()) {
      show(now.name() + " is " + now.state() + ", failures: " + now.failures());
    }
    // end: observe
  }

  void see(ConnectionRegistry registry, MeterRegistry meters) {
    // begin: see
    JfrEvents.of(registry); // into the recordings of the Java Flight Recorder
    RegistryMetrics metrics = new RegistryMetrics(registry); // Micrometer, and so Prometheus
    metrics.bindTo(meters); // and metrics.close() with the registry
    show(registry.snapshot().toString()); // a table
    // end: see
  }

  void draw(ConnectionRegistry registry) throws IOException {
    // begin: draw
    TimelineRecorder recorder = TimelineRecorder.of(registry); // the latest 10,000 steps
    // and when somebody wants to know what happened:
    Timeline timeline = recorder.timeline();
    Files.writeString(Path.of("timeline.html"), timeline.toHtml("my app"));
    // end: draw
  }

  private static ByteBuffer signIn() {
    return ByteBuffer.wrap(new byte[] {1});
  }

  private static String freshToken() {
    return "token";
  }

  private void saveProgress() {
    show("saved");
  }

  private static void show(String text) {
    System.out.println(text);
  }
}
