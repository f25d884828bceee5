package io.dormouse.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.support.Await;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LaneTest {
  private final Lane lane = new Lane();

  @Test
  void theLoopHasItFirst() {
    assertThat(lane.take()).isFalse();
    assertThat(lane.claim()).isTrue();
  }

  @Test
  void oneSenderTakesItWhenItIsOpen() {
    lane.open();
    assertThat(lane.take()).isTrue();
    assertThat(lane.take()).isFalse();
    assertThat(lane.giveBack()).isTrue();
    assertThat(lane.take()).isTrue();
  }

  @Test
  void theLoopTakesItBackWhenNobodyHasIt() {
    lane.open();
    assertThat(lane.claim()).isTrue();
    assertThat(lane.take()).isFalse();
  }

  @Test
  void aSenderReturnsItToTheLoopThatAskedForIt() {
    lane.open();
    assertThat(lane.take()).isTrue();
    assertThat(lane.claim()).isFalse();
    assertThat(lane.claim()).isFalse();
    assertThat(lane.giveBack()).isFalse();
    assertThat(lane.take()).isFalse();
    lane.returned();
    assertThat(lane.claim()).isTrue();
  }

  @Test
  void openingItTakesNothingFromASender() {
    lane.open();
    assertThat(lane.take()).isTrue();
    lane.open();
    assertThat(lane.take()).isFalse();
    assertThat(lane.giveBack()).isTrue();
  }

  /** The loop, on this thread, and two senders: never two of them inside. */
  @Test
  void neverAreTwoInsideAtOnce() {
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger overlaps = new AtomicInteger();
    AtomicInteger returns = new AtomicInteger();
    AtomicBoolean over = new AtomicBoolean();
    Runnable sender =
        () -> {
          while (!over.get()) {
            if (lane.take()) {
              overlaps.addAndGet(inside.getAndIncrement());
              inside.decrementAndGet();
              if (!lane.giveBack()) {
                returns.incrementAndGet();
              }
            }
          }
        };
    ExecutorService threads = Executors.newFixedThreadPool(2);
    CompletableFuture<Void> one = CompletableFuture.runAsync(sender, threads);
    CompletableFuture<Void> other = CompletableFuture.runAsync(sender, threads);
    for (int i = 0; i < 100_000; i++) {
      lane.open();
      if (!lane.claim()) {
        Await.until("it is returned", () -> returns.getAndSet(0) == 1);
        lane.returned();
      }
      overlaps.addAndGet(inside.getAndIncrement());
      inside.decrementAndGet();
    }
    over.set(true);
    Await.get(one);
    Await.get(other);
    threads.shutdown();
    assertThat(overlaps).hasValue(0);
  }
}
