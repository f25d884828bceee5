package io.dormouse.demo;

import io.dormouse.ConnectionRegistry;
import io.dormouse.connection.ConnectionKind;
import io.dormouse.connection.RetryPolicy;
import io.dormouse.http.HttpConnection;
import io.dormouse.lifecycle.ManualAppLifecycle;
import io.dormouse.observe.RegistrySnapshot;
import io.dormouse.support.Texts;
import io.dormouse.tcp.TcpConnection;
import io.dormouse.udp.UdpConnection;
import io.dormouse.websocket.WebSocketConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** An app with one connection of each kind. */
final class App implements AutoCloseable {
  private final ManualAppLifecycle lifecycle = new ManualAppLifecycle();
  private final ConnectionRegistry registry =
      ConnectionRegistry.builder(lifecycle)
          // Shorter than the defaults, for people who watch.
          .suspendBudget(Duration.ofSeconds(2))
          .retryPolicy(RetryPolicy.withBackoff(Duration.ofMillis(300), Duration.ofSeconds(2)))
          .build();

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
    return switch (endpoint.target().kind()) {
      case HTTP -> registerApi(endpoint);
      case TCP -> registerTelemetry(endpoint);
      case UDP -> registerDiscovery(endpoint);
      case WEBSOCKET -> registerChat(endpoint);
    };
  }

  private Talk registerApi(Endpoint endpoint) {
    HttpConnection api = registry.http("api").register();
    return new HttpTalk(api, endpoint, api.client());
  }

  private Talk registerTelemetry(Endpoint endpoint) {
    Inbox inbox = new Inbox();
    TcpConnection telemetry =
        registry
            .tcp("telemetry")
            .connectTo(endpoint.target().host(), endpoint.target().port())
            .onData((tcp, bytes) -> inbox.add(Texts.text(bytes)))
            .register();
    return new MessageTalk(telemetry, endpoint, text -> telemetry.send(Texts.bytes(text)), inbox);
  }

  private Talk registerDiscovery(Endpoint endpoint) {
    Inbox inbox = new Inbox();
    UdpConnection discovery =
        registry
            .udp("discovery")
            .connectTo(endpoint.target().host(), endpoint.target().port())
            .onDatagram((udp, datagram) -> inbox.add(Texts.text(datagram.data())))
            .onError((udp, error) -> inbox.fail(error))
            .register();
    return new MessageTalk(discovery, endpoint, text -> discovery.send(Texts.bytes(text)), inbox);
  }

  private Talk registerChat(Endpoint endpoint) {
    Inbox inbox = new Inbox();
    WebSocketConnection chat =
        registry
            .webSocket("chat")
            .connectTo(endpoint.target().address())
            .onOpen(this::greet)
            .onText((ws, text) -> inbox.add(text))
            .register();
    return new MessageTalk(chat, endpoint, chat::sendText, inbox);
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

  /** Returns the connection of this kind. */
  Talk talk(ConnectionKind kind) {
    return talks.stream()
        .filter(talk -> talk.connection().kind() == kind)
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
