package io.dormouse.lifecycle.jvm;

import io.dormouse.ConnectionRegistry;
import io.dormouse.websocket.WebSocketConnection;
import java.util.concurrent.TimeUnit;

/** A process with an open WebSocket, which is then ended: in the way that its arguments say. */
public final class EndingJvm {
  private EndingJvm() {}

  /** Takes the server's port, and "guarded" or "bare"; says "open" and waits for its end. */
  public static void main(String[] args) throws Exception {
    ShutdownLifecycle shutdown = ShutdownLifecycle.register();
    ConnectionRegistry registry = ConnectionRegistry.builder(shutdown).build();
    if (args[1].equals("guarded")) {
      shutdown.guard(registry);
    } else {
      shutdown.close();
    }
    WebSocketConnection chat =
        registry.webSocket("chat").connectTo("ws://127.0.0.1:" + args[0] + "/").register();
    chat.whenOpen().get(30, TimeUnit.SECONDS);
    System.out.println("chat open");
    int unused = System.in.read();
    System.exit(0);
  }
}
