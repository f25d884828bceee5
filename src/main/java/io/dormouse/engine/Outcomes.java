package io.dormouse.engine;

import io.dormouse.callbacks.Callbacks;
import io.dormouse.loop.Loop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Completes the futures that the app has of one connection: in order, on threads of the library,
 * and apart from callbacks, so that a callback may wait for one of them. Those of one iteration of
 * the loop are handed over together. Loop only.
 */
final class Outcomes {
  /** A future, with what frees its bytes in the room for sends. */
  private record Outcome(
      CompletableFuture<Void> future, @Nullable Exception failure, long heldBytes) {
    void tell() {
      if (failure == null) {
        future.complete(null);
      } else {
        future.completeExceptionally(failure);
      }
    }
  }

  private final Loop loop;
  private final SendRoom room;
  private final Runnable beforeHandOver;
  private final Runnable noMemory;
  private final Runnable endOfIteration = this::handOver;
  private final Callbacks callbacks;
  private final String connectionName;

  /**
   * Completes futures. Made with the first outcome: where there is no memory for it, there is none
   * to hand the outcome over either, and it waits.
   */
  private @Nullable Executor completions;

  private List<Outcome> outcomes = new ArrayList<>();
  private boolean due;

  /**
   * Creates one that has nothing to tell yet.
   *
   * @param callbacks has the threads for what completes futures
   * @param beforeHandOver runs before the outcomes of an iteration are handed over
   * @param noMemory is called when they could not be, and {@link #handOver()} is to be called later
   */
  Outcomes(
      Loop loop,
      Callbacks callbacks,
      String connectionName,
      SendRoom room,
      Runnable beforeHandOver,
      Runnable noMemory) {
    this.loop = loop;
    this.callbacks = callbacks;
    this.connectionName = connectionName;
    this.room = room;
    this.beforeHandOver = beforeHandOver;
    this.noMemory = noMemory;
  }

  /** Completes a future that is not a send's. */
  void add(CompletableFuture<Void> future, @Nullable Exception failure) {
    add(new Outcome(future, failure, 0));
  }

  /** Completes a send's future; its bytes are free from then on. */
  void addSend(CompletableFuture<Void> future, @Nullable Exception failure, long heldBytes) {
    add(new Outcome(future, failure, heldBytes));
  }

  private void add(Outcome outcome) {
    if (!due) {
      loop.atIterationEnd(endOfIteration);
      due = true;
    }
    outcomes.add(outcome);
  }

  /** Hands over those that are there. */
  void handOver() {
    due = false;
    if (outcomes.isEmpty()) {
      return;
    }
    beforeHandOver.run();
    try {
      List<Outcome> next = new ArrayList<>();
      List<Outcome> told = outcomes;
      completions().execute(() -> tell(told));
      outcomes = next;
    } catch (OutOfMemoryError e) {
      noMemory.run();
      return;
    }
  }

  private Executor completions() {
    if (completions == null) {
      completions = callbacks.completions(connectionName);
    }
    return completions;
  }

  /**
   * Tells them, and frees the bytes of each before it is known to anybody: who waits for it may
   * send at once. What nobody waits for can't block, and is freed together with the next.
   */
  private void tell(List<Outcome> told) {
    int begin = 0;
    while (begin < told.size()) {
      long held = 0;
      int end = begin;
      boolean awaited = false;
      while (end < told.size() && !awaited) {
        Outcome outcome = told.get(end);
        held += outcome.heldBytes();
        awaited = outcome.future().getNumberOfDependents() > 0;
        end++;
      }
      room.release(held);
      for (Outcome outcome : told.subList(begin, end)) {
        outcome.tell();
      }
      begin = end;
    }
  }
}
