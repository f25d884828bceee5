package io.dormouse.example.chat;

import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.NotOpenException;
import io.dormouse.websocket.WebSocketConnection;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Keeps what is to be sent while a WebSocket is away, and sends it in order when it is back. Of
 * what the library says that nothing was sent, nothing is lost; what may have been sent in part is
 * never sent again. Safe from any thread.
 */
final class Outbox {
  private record Letter(String text, CompletableFuture<Void> sent) {}

  private final WebSocketConnection socket;
  private final int mostWaiting;
  private final Queue<Letter> waiting = new ArrayDeque<>(); // guarded by this
  private boolean sending; // guarded by this: the first that waits

  Outbox(WebSocketConnection socket, int mostWaiting) {
    this.socket = socket;
    this.mostWaiting = mostWaiting;
  }

  CompletableFuture<Void> send(String text) {
    CompletableFuture<Void> sent = new CompletableFuture<>();
    synchronized (this) {
      if (waiting.size() == mostWaiting) {
        return CompletableFuture.failedFuture(
            new IllegalStateException(mostWaiting + " messages wait already"));
      }
      waiting.add(new Letter(text, sent));
    }
    sendFirst();
    return sent;
  }

  // begin: chatOutbox
  private void sendFirst() {
    Letter first;
    synchronized (this) {
      if (sending || waiting.isEmpty()) {
        return;
      }
      sending = true;
      first = waiting.element();
    }
    socket
        .whenOpen()
        .thenCompose(open -> socket.sendText(first.text()))
        .whenComplete((done, failure) -> over(first, failure));
  }

  // end: chatOutbox

  private void over(Letter first, Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    boolean later = cause instanceof NotOpenException && socket.state() != ConnectionState.CLOSED;
    synchronized (this) {
      sending = false;
      if (!later) {
        waiting.remove();
      }
    }
    if (cause == null) {
      first.sent().complete(null);
    } else if (!later) {
      first.sent().completeExceptionally(cause);
    }
    sendFirst();
  }
}
