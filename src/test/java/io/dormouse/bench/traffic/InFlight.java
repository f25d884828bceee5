package io.dormouse.bench.traffic;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Bounds the sends on their way: two batches at most. Sends are done in order, so who waits for a
 * batch's last waits once, and finds the others done. For one thread.
 */
final class InFlight {
  private final int batch;
  private List<CompletableFuture<Void>> older = new ArrayList<>();
  private List<CompletableFuture<Void>> newer = new ArrayList<>();
  private int failed;

  InFlight(int most) {
    batch = most / 2;
  }

  /** Takes a send, and waits while there are too many. */
  void add(CompletableFuture<Void> send) throws InterruptedException {
    newer.add(send);
    if (newer.size() == batch) {
      await(older);
      List<CompletableFuture<Void>> empty = older;
      older = newer;
      newer = empty;
    }
  }

  /** Waits for all. Returns how many have failed, or were not done in time, since the last time. */
  int finish() throws InterruptedException {
    await(older);
    await(newer);
    int count = failed;
    failed = 0;
    return count;
  }

  private void await(List<CompletableFuture<Void>> sends) throws InterruptedException {
    if (!sends.isEmpty()) {
      awaitLast(sends.get(sends.size() - 1));
      for (CompletableFuture<Void> send : sends) {
        failed += hasGone(send) ? 0 : 1;
      }
      sends.clear();
    }
  }

  private static void awaitLast(CompletableFuture<Void> last) throws InterruptedException {
    try {
      last.get(Streams.LIMIT_NANOS, TimeUnit.NANOSECONDS);
    } catch (ExecutionException | TimeoutException e) {
      System.err.println("a send: " + e);
    }
  }

  private static boolean hasGone(CompletableFuture<Void> send) {
    try {
      send.getNow(null);
      return send.isDone();
    } catch (CompletionException | CancellationException e) {
      return false;
    }
  }
}
