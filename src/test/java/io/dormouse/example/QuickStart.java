package io.dormouse.example;

import io.dormouse.ConnectionRegistry;
import io.dormouse.http.HttpConnection;
import io.dormouse.lifecycle.ManualAppLifecycle;
import io.dormouse.task.LongRunningTask;
import io.dormouse.tcp.TcpConnection;
import io.dormouse.udp.UdpConnection;
import io.dormouse.websocket.WebSocketConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/** The quick start of the README, word for word. */
@SuppressWarnings("FutureReturnValueIgnored") // whether the greeting was sent does not matter here
final class QuickStart implements AutoCloseable {
  // begin: fields
  ManualAppLifecycle lifecycle = new ManualAppLifecycle();
  ConnectionRegistry registry = ConnectionRegistry.builder(lifecycle).build();

  HttpConnection api = registry.http("api").register();
  OkHttpClient client = api.client(); // an ordinary OkHttpClient, for Retrofit and all

  TcpConnection telemetry =
      registry
          .tcp("telemetry")
          .connectTo("telemetry.example.com", 9000)
          .onData((tcp, bytes) -> show(bytes))
          .register();

  UdpConnection discovery =
      registry
          .udp("discovery")
          .bind(5353)
          .joinGroup("224.0.0.251")
          .onDatagram((udp, datagram) -> show(datagram.data()))
          .register();

  WebSocketConnection chat =
      registry
          .webSocket("chat")
          .connectTo("ws://chat.example.com/v1")
          .onOpen(ws -> ws.sendText("Hello, server!"))
          .onText((ws, text) -> show(text))
          .register();

  // end: fields

  // begin: hooks
  void onForeground() {
    lifecycle.onForeground();
  }

  void onBackground() {
    lifecycle.onBackground();
    registry.awaitSettled(Duration.ofSeconds(4)); // or don't wait: the work is done elsewhere
  }

  // end: hooks

  // begin: task
  void upload(Request request) throws IOException {
    // Keeps its own connection in the background, and only that one.
    try (LongRunningTask upload =
        registry.startTask("upload", task -> task.covering(api).atMost(Duration.ofMinutes(3)))) {
      try (Response response = client.newCall(request).execute()) {
        show(upload.name() + ": " + response.code());
      }
    }
  }

  // end: task

  private void show(ByteBuffer bytes) {
    show(bytes.remaining() + " bytes");
  }

  private void show(String text) {
    shown = text;
  }

  String shown = "";

  @Override
  public void close() {
    registry.close();
  }
}
