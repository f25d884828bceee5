package io.dormouse.example.platforms;

import io.dormouse.ConnectionRegistry;
import io.dormouse.http.HttpConnection;
import io.dormouse.lifecycle.ManualAppLifecycle;
import io.dormouse.observe.SuspendReport;
import io.dormouse.tcp.TcpConnection;
import io.dormouse.udp.UdpConnection;
import io.dormouse.websocket.WebSocketConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import okhttp3.Request;
import okhttp3.Response;

/** The three samples of HarmonyOS's guideline: HTTP; TCP and UDP; a WebSocket. */
public final class NetworkAbility implements AutoCloseable {
  private final ManualAppLifecycle lifecycle = new ManualAppLifecycle();
  private final ConnectionRegistry registry = ConnectionRegistry.builder(lifecycle).build();
  private final String url;
  private final HttpConnection http;
  private final TcpConnection tcp;
  private final UdpConnection udp;
  private final WebSocketConnection webSocket;

  public NetworkAbility(String url, String host, int tcpPort, int udpPort, String webSocketUrl) {
    this.url = url;
    http = registry.http("http").register();
    tcp =
        registry
            .tcp("tcp")
            .connectTo(host, tcpPort) // bind(...) too, if the port matters
            .onOpen(open -> report("tcp send", open.send(bytes("Hello, server!"))))
            .register();
    udp =
        registry
            .udp("udp")
            .connectTo(host, udpPort)
            .onOpen(open -> report("udp send", open.send(bytes("Hello, server!"))))
            .register();
    webSocket =
        registry
            .webSocket("webSocket")
            .connectTo(webSocketUrl)
            .onOpen(open -> report("first message", open.sendText("Hello, server!")))
            .onText((ws, text) -> System.out.println("message: " + text))
            .register();
  }

  /** UIAbility.onForeground: creates the sockets anew, and binds and connects them. */
  public void onForeground() {
    lifecycle.onForeground();
  }

  /** UIAbility.onBackground: closes them all, and says of each what became of it. */
  public void onBackground() {
    lifecycle.onBackground();
    if (registry.awaitSettled(Duration.ofSeconds(4))) { // the system suspends the app after 6 s
      SuspendReport report = registry.settled().join();
      report.connections().forEach(each -> System.out.println("closed: " + each));
    } else {
      System.out.println("still open: " + registry.stillOpen());
    }
  }

  /** An HTTP request; in the background it fails with a SuspendedException. */
  public int request() throws IOException {
    Request request = new Request.Builder().url(url).build();
    try (Response response = http.client().newCall(request).execute()) {
      return response.code();
    }
  }

  /** Waits until all are connected. */
  public void awaitOpen() {
    CompletableFuture.allOf(tcp.whenOpen(), udp.whenOpen(), webSocket.whenOpen()).join();
  }

  /** UIAbility.onDestroy. */
  @Override
  public void close() {
    registry.close();
  }

  private static void report(String what, CompletableFuture<Void> sent) {
    CompletableFuture<Void> unused =
        sent.whenComplete(
            (nothing, failure) ->
                System.out.println(what + (failure == null ? ": sent" : " failed: " + failure)));
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }
}
