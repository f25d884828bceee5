package io.dormouse.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.support.Await;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class WriteOwnershipTest {
  private final WriteOwnership ownership = new WriteOwnership();

  @Test
  void theLoopHasItFirst() {
    assertThat(ownership.acquire()).isFalse();
    assertThat(ownership.request()).isTrue();
  }

  @Test
  void oneSenderTakesItWhenItIsOpen() {
    ownership.offer();
    assertThat(ownership.acquire()).isTrue();
    assertThat(ownership.acquire()).isFalse();
    assertThat(ownership.release()).isTrue();
    assertThat(ownership.acquire()).isTrue();
  }

  @Test
  void theLoopTakesItBackWhenNobodyHasIt() {
    ownership.offer();
    assertThat(ownership.request()).isTrue();
    assertThat(ownership.acquire()).isFalse();
  }

  @Test
  void aSenderGivesItUpToTheLoopThatRequestedIt() {
    ownership.offer();
    assertThat(ownership.acquire()).isTrue();
    assertThat(ownership.request()).isFalse();
    assertThat(ownership.request()).isFalse();
    assertThat(ownership.release()).isFalse();
    assertThat(ownership.acquire()).isFalse();
    assertThat(ownership.request()).isTrue();
  }

  @Test
  void openingItTakesNothingFromASender() {
    ownership.offer();
    assertThat(ownership.acquire()).isTrue();
    ownership.offer();
    assertThat(ownership.acquire()).isFalse();
    assertThat(ownership.release()).isTrue();
  }

  @Test
  void aSenderLeavesItToTheLoopRequestedOrNot() {
    ownership.offer();
    assertThat(ownership.acquire()).isTrue();
    ownership.handOver();
    assertThat(ownership.acquire()).isFalse();
    ownership.offer();
    assertThat(ownership.acquire()).isTrue();
    assertThat(ownership.request()).isFalse();
    ownership.handOver();
    assertThat(ownership.acquire()).isFalse();
    assertThat(ownership.request()).isTrue();
  }

  @Test
  void whatASenderHasAbandonedIsNobodysAndTheLoopIsTold() {
    ownership.offer();
    assertThat(ownership.acquire()).isTrue();
    assertThat(ownership.request()).isFalse();
    ownership.abandon();
    assertThatThrownBy(ownership::request).isInstanceOf(IllegalStateException.class);
    ownership.offer();
    assertThat(ownership.acquire()).isFalse();
    ownership.revoke(); // the end of the stream must not fail
    assertThat(ownership.acquire()).isFalse();
  }

  @Test
  void whatIsRevokedIsAcquiredNoMoreWhoeverHasItNow() {
    ownership.offer();
    assertThat(ownership.acquire()).isTrue();
    ownership.revoke();
    assertThat(ownership.release()).isFalse();
    assertThat(ownership.acquire()).isFalse();
    ownership.offer();
    ownership.revoke();
    assertThat(ownership.acquire()).isFalse();
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
            if (ownership.acquire()) {
              overlaps.addAndGet(inside.getAndIncrement());
              inside.decrementAndGet();
              if (!ownership.release()) {
                returns.incrementAndGet();
              }
            }
          }
        };
    ExecutorService threads = Executors.newFixedThreadPool(2);
    CompletableFuture<Void> one = CompletableFuture.runAsync(sender, threads);
    CompletableFuture<Void> other = CompletableFuture.runAsync(sender, threads);
    for (int i = 0; i < 100_000; i++) {
      ownership.offer();
      if (!ownership.request()) {
        Await.until("it is returned", () -> returns.getAndSet(0) == 1);
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
