package io.dormouse.example.chat;

import io.dormouse.ConnectionRegistry;
import io.dormouse.connection.CloseReason;
import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.RetryPolicy;
import io.dormouse.http.HttpConnection;
import io.dormouse.websocket.WebSocketConnection;
import io.dormouse.websocket.WebSocketSender;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.HttpUrl;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/**
 * A chat over a WebSocket. The first message on each socket signs in, with a token that is fetched
 * for it over HTTP, and says what was heard last: the server sends what has been said since.
 */
public final class ChatConnection {
  /**
   * What somebody has said.
   *
   * @param id greater than those before
   * @param from who said it
   */
  public record Message(long id, String from, String text) {}

  private static final int MOST_WAITING = 100;
  private static final int UNAUTHORIZED = 3000; // a WebSocket close code of the IANA registry
  private static final RetryPolicy BACKOFF = RetryPolicy.standard();

  private final HttpConnection api;
  private final HttpUrl tokenUrl;
  private final WebSocketConnection socket;
  private final Outbox outbox;
  private final List<Message> messages = new CopyOnWriteArrayList<>();
  private volatile long lastRead;

  /** Of the newest socket. Callbacks only, which never overlap. */
  private CompletableFuture<Void> signedIn = new CompletableFuture<>();

  /** Registers what the chat needs; it connects as soon as the app is in the foreground. */
  public ChatConnection(ConnectionRegistry registry, HttpUrl tokenUrl, String chatUrl) {
    this.tokenUrl = tokenUrl;
    api = registry.http("chat-api").register();
    // begin: chatSignIn
    socket =
        registry
            .webSocket("chat")
            .connectTo(chatUrl)
            .prepare(Duration.ofSeconds(10), this::signIn) // before all else on each socket
            .onText((ws, text) -> received(text))
            .retryPolicy(
                ended ->
                    isSignedOut(ended.reason()) // until the next foreground
                        ? RetryPolicy.Decision.giveUp()
                        : BACKOFF.decide(ended))
            .register();
    // end: chatSignIn
    outbox = new Outbox(socket, MOST_WAITING);
  }

  // ----------------------------------------------------------------------------------- sign-in

  private CompletionStage<?> signIn(WebSocketSender newSocket) {
    CompletableFuture<Void> welcome = new CompletableFuture<>();
    signedIn = welcome;
    return freshToken()
        .thenCompose(token -> newSocket.sendText("sign-in " + token + " " + lastHeard()))
        .thenCompose(sent -> welcome);
  }

  private CompletableFuture<String> freshToken() {
    CompletableFuture<String> token = new CompletableFuture<>();
    Request request = new Request.Builder().url(tokenUrl).post(RequestBody.EMPTY).build();
    api.client()
        .newCall(request)
        .enqueue(
            new Callback() {
              @Override
              public void onResponse(Call call, Response response) {
                try (response) {
                  if (response.code() == 401) {
                    token.completeExceptionally(new SignedOutException());
                  } else if (!response.isSuccessful()) {
                    token.completeExceptionally(new IOException("HTTP status " + response.code()));
                  } else {
                    token.complete(response.body().string());
                  }
                } catch (IOException e) {
                  token.completeExceptionally(e);
                }
              }

              @Override
              public void onFailure(Call call, IOException e) {
                token.completeExceptionally(e);
              }
            });
    return token;
  }

  /** Whether there was no token, or it was not accepted. */
  private static boolean isSignedOut(CloseReason reason) {
    return reason.cause().filter(SignedOutException.class::isInstance).isPresent()
        || reason.code().orElse(0) == UNAUTHORIZED;
  }

  /** Returns whether the user has to sign in anew. */
  public boolean isSignedOut() {
    return socket.state() == ConnectionState.FAILED
        && socket.snapshot().lastReason().filter(ChatConnection::isSignedOut).isPresent();
  }

  /** The server gives no token any more. */
  private static final class SignedOutException extends IOException {
    private static final long serialVersionUID = 1L;
  }

  // ---------------------------------------------------------------------------------- messages

  private void received(String text) {
    String[] words = text.split(" ", 4);
    if (words[0].equals("welcome")) {
      signedIn.complete(null);
    } else if (words[0].equals("message")) {
      Message message = new Message(Long.parseLong(words[1]), words[2], words[3]);
      if (message.id() > lastHeard()) { // else it has come over the socket before, too
        messages.add(message);
      }
    }
  }

  private long lastHeard() {
    int size = messages.size();
    return size == 0 ? 0 : messages.get(size - 1).id();
  }

  /** Says something now. While the chat is away, this fails with a NotOpenException. */
  public CompletableFuture<Void> say(String text) {
    return socket.sendText("say " + text);
  }

  /** Says something now, or when the chat is back. Fails if too much waits already. */
  public CompletableFuture<Void> sayWhenBack(String text) {
    return outbox.send("say " + text);
  }

  /** Returns all that has been said, in order. */
  public List<Message> messages() {
    return List.copyOf(messages);
  }

  /** Returns what has come since {@link #markRead}. */
  public List<Message> unread() {
    return messages.stream().filter(message -> message.id() > lastRead).toList();
  }

  /** The user has seen all there is. */
  public void markRead() {
    lastRead = lastHeard();
  }

  /** Returns a future for when the user is signed in; at once if that is so now. */
  public CompletableFuture<Void> whenSignedIn() {
    return socket.whenOpen();
  }
}
