package io.dormouse.example.platforms;

import android.app.Application;
import io.dormouse.ConnectionRegistry;
import io.dormouse.http.HttpConnection;
import io.dormouse.lifecycle.android.AndroidPlatform;
import io.dormouse.websocket.WebSocketConnection;

/** Named in the manifest: {@code <application android:name=".ChatApplication">}. */
public class ChatApplication extends Application {
  private static ConnectionRegistry registry;
  private static HttpConnection api;
  private static WebSocketConnection chat;

  @Override
  public void onCreate() {
    super.onCreate();
    registry =
        ConnectionRegistry.builder(AndroidPlatform.lifecycle(this)) // counts the activities
            .callbackExecutor(AndroidPlatform.mainThread()) // so callbacks may touch views
            .sleepAwareClock(AndroidPlatform.elapsedRealtime()) // deadlines go on in deep sleep
            .build();
    api = registry.http("api").register();
    chat =
        registry
            .webSocket("chat")
            .connectTo("wss://chat.example.com/v1")
            .onText((ws, text) -> System.out.println(text))
            .register();
  }

  static ConnectionRegistry registry() {
    return registry;
  }

  static HttpConnection api() {
    return api;
  }

  static WebSocketConnection chat() {
    return chat;
  }
}
