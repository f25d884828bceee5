package io.dormouse.demo;

import java.util.concurrent.CompletableFuture;

/** What a connection received, and who waits for it. */
final class Inbox {
  private final StringBuilder received = new StringBuilder();
  private String expected = "";
  private CompletableFuture<Void> answer = CompletableFuture.completedFuture(null);

  /** Forgets what came before, and returns a future for the next of which this is a part. */
  synchronized CompletableFuture<Void> expect(String text) {
    received.setLength(0);
    expected = text;
    answer = new CompletableFuture<>();
    return answer;
  }

  /** The system reports that what was sent did not arrive. */
  synchronized void fail(Exception error) {
    answer.completeExceptionally(error);
  }

  /** Something came: a whole message, or as much of one as TCP liked to bring. */
  synchronized void add(String text) {
    if (!answer.isDone()) {
      received.append(text);
      if (received.indexOf(expected) >= 0) {
        answer.complete(null);
      }
    }
  }
}
