package io.dormouse.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.support.Await;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ReadBuffersTest {
  private final ReadBuffers buffers = new ReadBuffers();

  @Test
  void whatIsLentIsNotReadInto() {
    Set<ByteBuffer> lent = Collections.newSetFromMap(new IdentityHashMap<>());
    for (int i = 0; i < ReadBuffers.MOST - 1; i++) {
      ByteBuffer current = buffers.current();
      LentBuffer next = buffers.lend();
      assertThat(next.bytes()).isSameAs(current);
      lent.add(next.bytes());
      assertThat(lent.contains(buffers.current())).isFalse();
    }
    assertThat(lent).hasSize(ReadBuffers.MOST - 1);
  }

  @Test
  void theyAreBoundedAndTheLastOneIsForReading() {
    List<LentBuffer> lent = new ArrayList<>();
    for (LentBuffer next = buffers.lend(); next != null; next = buffers.lend()) {
      lent.add(next);
    }
    assertThat(lent).hasSize(ReadBuffers.MOST - 1);
    assertThat(buffers.current().remaining()).isEqualTo(ReadBuffers.SIZE);
    lent.get(7).giveBack();
    assertThat(buffers.lend()).as("with the one that is back in its place").isNotNull();
    assertThat(buffers.current()).isSameAs(lent.get(7).bytes());
    assertThat(buffers.lend()).isNull();
  }

  @Test
  void whatIsBackIsUsedBeforeAnotherIsMadeAndTheLatestFirst() {
    LentBuffer first = buffers.lend();
    LentBuffer second = buffers.lend();
    first.giveBack();
    second.giveBack();
    LentBuffer third = buffers.lend();
    assertThat(third).isNotIn(first, second);
    assertThat(buffers.current()).isSameAs(second.bytes());
    assertThat(buffers.lend()).isSameAs(second);
    assertThat(buffers.current()).isSameAs(first.bytes());
    assertThat(buffers.lend()).isSameAs(first);
    assertThat(buffers.current()).as("a fourth").isNotSameAs(third.bytes());
  }

  @Test
  void whatIsGivenBackByManyThreadsIsLentToOneAtATime() {
    BlockingQueue<LentBuffer> borrowed = new LinkedBlockingQueue<>();
    AtomicInteger wrong = new AtomicInteger();
    int laps = 30_000;
    AtomicInteger left = new AtomicInteger(laps);
    List<CompletableFuture<Void>> threads = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      threads.add(
          CompletableFuture.runAsync(
              () -> {
                while (left.getAndDecrement() > 0) {
                  LentBuffer next = Await.next(borrowed);
                  int seen = next.bytes().getInt(0);
                  if (next.bytes().getInt(ReadBuffers.SIZE - 4) != seen) {
                    wrong.incrementAndGet();
                  }
                  next.giveBack();
                }
              }));
    }
    Set<LentBuffer> all = new HashSet<>();
    for (int i = 0; i < laps; ) {
      ByteBuffer buffer = buffers.current();
      buffer.putInt(0, i);
      buffer.putInt(ReadBuffers.SIZE - 4, i);
      LentBuffer lent = buffers.lend();
      if (lent == null) {
        Thread.onSpinWait();
      } else {
        all.add(lent);
        borrowed.add(lent);
        i++;
      }
    }
    threads.forEach(Await::get);
    assertThat(wrong).hasValue(0);
    assertThat(all).hasSizeLessThanOrEqualTo(ReadBuffers.MOST);
  }
}
