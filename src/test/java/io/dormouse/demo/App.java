package io.dormouse.demo;

import io.dormouse.ConnectionRegistry;
import io.dormouse.connection.RetryPolicy;
import io.dormouse.connection.TlsOptions;
import io.dormouse.http.HttpConnection;
import io.dormouse.lifecycle.ManualAppLifecycle;
import io.dormouse.observe.RegistrySnapshot;
import io.dormouse.support.Certificates;
import io.dormouse.support.Texts;
import io.dormouse.tcp.TcpBuilder;
import io.dormouse.tcp.TcpConnection;
import io.dormouse.udp.UdpConnection;
import io.dormouse.websocket.WebSocketBuilder;
import io.dormouse.websocket.WebSocketConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;

/** An app with a connection of each kind, and two over TLS. */
final class App implements AutoCloseable {
  private final ManualAppLifecycle lifecycle = new ManualAppLifecycle();
  private final ConnectionRegistry registry =
      ConnectionRegistry.builder(lifecycle)
          // Shorter than the defaults, for people who watch.
          .suspendBudget(Duration.ofSeconds(2))
          .retryPolicy(RetryPolicy.withBackoff(Duration.ofMillis(300), Duration.ofSeconds(2)))
          .build();

  /** One for both, whose sessions are its own. */
  private final SSLContext trusting = Certificates.client().sslContext();

  private final BlockingQueue<Greeting> greetings = new LinkedBlockingQueue<>();
  private final List<Talk> talks = new ArrayList<>();

  /**
   * A fresh WebSocket's first message.
   *
   * @param generation of the WebSocket
   * @param outcome what became of it, for people to read
   * @param sent whether it went out
   */
  record Greeting(long generation, String outcome, boolean sent) {}

  /**
   * Registers a connection for each of these. Called once, before the app comes to the front.
   *
   * @throws IllegalArgumentException if the library refuses a target
   */
  void register(List<Endpoint> endpoints) {
    endpoints.forEach(endpoint -> talks.add(register(endpoint)));
  }

  private Talk register(Endpoint endpoint) {
    return switch (endpoint.target().service()) {
      case API -> registerApi(endpoint);
      case TELEMETRY -> registerTcp(endpoint, tcp -> tcp);
      case DISCOVERY -> registerDiscovery(endpoint);
      case CHAT -> registerWebSocket(endpoint, chat -> chat.onOpen(this::greet));
      case SECURE_TCP -> registerTcp(endpoint, tcp -> tcp.tls(tls -> trust(endpoint, tls)));
      case SECURE_WS -> registerWebSocket(endpoint, ws -> ws.tls(tls -> trust(endpoint, tls)));
    };
  }

  private Talk registerApi(Endpoint endpoint) {
    HttpConnection api = registry.http(name(endpoint)).register();
    return new HttpTalk(api, endpoint, api.client());
  }

  private static String name(Endpoint endpoint) {
    return endpoint.target().service().connectionName();
  }

  /** Nobody knows who has signed for the demo's own servers; for the user's somebody has. */
  private void trust(Endpoint endpoint, TlsOptions tls) {
    if (endpoint.echoes()) {
      tls.sslContext(trusting);
    }
  }

  private Talk registerTcp(Endpoint endpoint, UnaryOperator<TcpBuilder> options) {
    Inbox inbox = new Inbox();
    TcpBuilder builder =
        registry
            .tcp(name(endpoint))
            .connectTo(endpoint.target().host(), endpoint.target().port())
            .onData((connection, bytes) -> inbox.add(Texts.text(bytes)));
    TcpConnection tcp = options.apply(builder).register();
    return new MessageTalk(tcp, endpoint, text -> tcp.send(Texts.bytes(text)), inbox);
  }

  private Talk registerDiscovery(Endpoint endpoint) {
    Inbox inbox = new Inbox();
    UdpConnection discovery =
        registry
            .udp(name(endpoint))
            .connectTo(endpoint.target().host(), endpoint.target().port())
            .onDatagram((udp, datagram) -> inbox.add(Texts.text(datagram.data())))
            .onError((udp, error) -> inbox.fail(error))
            .register();
    return new MessageTalk(discovery, endpoint, text -> discovery.send(Texts.bytes(text)), inbox);
  }

  private Talk registerWebSocket(Endpoint endpoint, UnaryOperator<WebSocketBuilder> options) {
    Inbox inbox = new Inbox();
    WebSocketBuilder builder =
        registry
            .webSocket(name(endpoint))
            .connectTo(endpoint.target().address())
            .onText((connection, text) -> inbox.add(text));
    WebSocketConnection ws = options.apply(builder).register();
    return new MessageTalk(ws, endpoint, ws::sendText, inbox);
  }

  /** A fresh WebSocket's first message, and whether it went out. */
  private void greet(WebSocketConnection chat) {
    long generation = chat.snapshot().generation();
    var unused =
        chat.sendText("Hello, server!")
            .whenComplete(
                (sent, failure) ->
                    greetings.add(
                        new Greeting(
                            generation,
                            failure == null ? "sent" : failure.toString(),
                            failure == null)));
  }

  ManualAppLifecycle lifecycle() {
    return lifecycle;
  }

  ConnectionRegistry registry() {
    return registry;
  }

  /** Returns the connections, in order of registration. */
  List<Talk> talks() {
    return Collections.unmodifiableList(talks);
  }

  /** Returns the connection to this service. */
  Talk talk(Service service) {
    return talks.stream()
        .filter(talk -> talk.endpoint().target().service() == service)
        .findFirst()
        .orElseThrow();
  }

  /** Returns how each first message of the chat went, as soon as it has. */
  BlockingQueue<Greeting> greetings() {
    return greetings;
  }

  /** Returns what is so now; after the end too, when the registry knows no connection any more. */
  RegistrySnapshot snapshot() {
    return new Seen(
        lifecycle.state(),
        talks.stream().map(talk -> talk.connection().snapshot()).toList(),
        registry.snapshot().tasks());
  }

  @Override
  public void close() {
    registry.close();
  }
}
