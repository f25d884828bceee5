package io.dormouse.example;

import io.dormouse.ConnectionRegistry;
import io.dormouse.http.HttpConnection;
import io.dormouse.lifecycle.ManualAppLifecycle;
import io.dormouse.task.LongRunningTask;
import io.dormouse.websocket.WebSocketConnection;
import java.io.IOException;
import java.time.Duration;
import okhttp3.Request;
import okhttp3.Response;

/** The app's connections. Made once, when the app starts. */
public final class Connections implements AutoCloseable {
  private final ManualAppLifecycle lifecycle = new ManualAppLifecycle();
  private final ConnectionRegistry registry = ConnectionRegistry.builder(lifecycle).build();

  public final HttpConnection api = registry.http("api").register();

  public final WebSocketConnection chat =
      registry
          .webSocket("chat")
          .connectTo("wss://chat.example.com/v1")
          .onOpen(ws -> ws.sendText("Hello, server!"))
          .onText((ws, text) -> System.out.println(text))
          .register();

  /** For the platform's hook, such as Android's onStart. Returns at once. */
  public void onForeground() {
    lifecycle.onForeground();
  }

  /** For the platform's hook, such as Android's onStop. Returns at once; it takes 4 s at most. */
  public void onBackground() {
    lifecycle.onBackground();
  }

  /** Goes on in the background for up to 3 minutes, and keeps the sockets of api open for that. */
  public int upload(Request request) throws IOException {
    LongRunningTask upload =
        registry.startTask("upload", task -> task.covering(api).atMost(Duration.ofMinutes(3)));
    try (upload;
        Response response = api.client().newCall(request).execute()) { // an OkHttpClient as ever
      return response.code();
    }
  }

  @Override
  public void close() {
    registry.close();
  }
}
