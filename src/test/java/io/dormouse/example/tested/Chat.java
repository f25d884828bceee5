package io.dormouse.example.tested;

import io.dormouse.ConnectionRegistry;
import io.dormouse.websocket.WebSocketConnection;
import io.dormouse.websocket.WebSocketSender;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/** A chat that signs in on each new socket, before anything else is said there. */
public final class Chat {
  private final List<String> messages = new CopyOnWriteArrayList<>();
  private final WebSocketConnection connection;
  private CompletableFuture<Void> signedIn = new CompletableFuture<>(); // callbacks only

  public Chat(ConnectionRegistry registry, String url, String token) {
    connection =
        registry
            .webSocket("chat")
            .connectTo(url)
            .prepare(Duration.ofSeconds(5), socket -> signIn(socket, token))
            .onText((ws, text) -> received(text))
            .register();
  }

  private CompletableFuture<Void> signIn(WebSocketSender socket, String token) {
    signedIn = new CompletableFuture<>();
    return socket.sendText("sign-in " + token).thenCombine(signedIn, (sent, welcome) -> null);
  }

  private void received(String text) {
    if (text.equals("welcome")) {
      signedIn.complete(null);
    } else {
      messages.add(text);
    }
  }

  /** Says something; what is returned fails if the chat is not open now. */
  public CompletableFuture<Void> say(String text) {
    return connection.sendText(text);
  }

  /** Returns what the others have said. */
  public List<String> messages() {
    return messages;
  }

  public WebSocketConnection connection() {
    return connection;
  }
}
