package io.dormouse.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelector;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a selector that had no memory leaves to its successor. */
class WatchedChannelsTest {
  private final Selector first;
  private final WatchedChannels channels;
  private final List<Pipe> pipes = new ArrayList<>();
  private final List<Integer> ready = new ArrayList<>();

  WatchedChannelsTest() throws IOException {
    first = Selector.open();
    channels = new WatchedChannels(first);
  }

  @AfterEach
  void close() throws IOException {
    channels.close();
    for (Pipe pipe : pipes) {
      pipe.sink().close();
      pipe.source().close();
    }
  }

  private Loop.Registration watch(int ops) throws IOException {
    Pipe pipe = Pipe.open();
    int number = pipes.size();
    pipes.add(pipe);
    pipe.source().configureBlocking(false);
    return channels.register(pipe.source(), ops, found -> ready.add(number));
  }

  private void write(int number) throws IOException {
    pipes.get(number).sink().write(ByteBuffer.wrap(new byte[1]));
  }

  private List<Integer> found() throws IOException {
    ready.clear();
    boolean unused = channels.poll();
    channels.handleReady(() -> {});
    return List.copyOf(ready);
  }

  private void replace() throws IOException {
    channels.distrust();
    channels.replaceIfSuspect();
    assertThat(first.isOpen()).isFalse();
  }

  @Test
  void whatWasWatchedIsWatchedOn() throws IOException {
    for (int i = 0; i < 40; i++) { // more than are cancelled at once
      Loop.Registration unused = watch(SelectionKey.OP_READ);
    }
    replace();
    write(0);
    write(17);
    write(39);
    assertThat(found()).containsExactlyInAnyOrder(0, 17, 39);
  }

  @Test
  void theInterestOfNowCounts() throws IOException {
    Loop.Registration stopped = watch(SelectionKey.OP_READ);
    Loop.Registration begun = watch(0);
    stopped.interest(0);
    begun.interest(SelectionKey.OP_READ);
    replace();
    write(0);
    write(1);
    assertThat(found()).containsExactly(1);
    stopped.interest(SelectionKey.OP_READ);
    assertThat(found()).containsExactlyInAnyOrder(0, 1);
  }

  @Test
  void whatIsWatchedNoMoreIsLeftBehind() throws IOException {
    Loop.Registration cancelled = watch(SelectionKey.OP_READ);
    cancelled.cancel();
    replace();
    write(0);
    assertThat(found()).isEmpty();
    cancelled.interest(SelectionKey.OP_READ);
    assertThat(found()).isEmpty();
  }

  /** A closed channel keeps its file descriptor as long as a selector has a key of it. */
  @Test
  void aChannelThatWasClosedMeanwhileGivesItsFileDescriptorBack() throws IOException {
    Loop.Registration registration = watch(SelectionKey.OP_READ);
    registration.cancel();
    pipes.get(0).source().close();
    replace();
    assertThat(pipes.get(0).source().isRegistered()).isFalse();
  }

  /** The pauses double up to a second, and the next selector begins anew. */
  @Test
  void whatCouldNotBeReplacedHasAPauseThatIsAsLongAsItHasLasted() throws IOException {
    channels.distrust();
    assertThat(channels.nanosToReplacement(Long.MAX_VALUE)).isZero();
    long now = Long.MAX_VALUE - 1_000_000;
    List<Long> millis = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      channels.replaceLater(now);
      long pause = channels.nanosToReplacement(now);
      millis.add(TimeUnit.NANOSECONDS.toMillis(pause));
      now += pause;
      assertThat(channels.nanosToReplacement(now)).isZero();
    }
    assertThat(millis)
        .containsExactly(1L, 2L, 4L, 8L, 16L, 32L, 64L, 128L, 256L, 512L, 1_000L, 1_000L);
    channels.replaceIfSuspect();
    assertThat(channels.nanosToReplacement(now - 1)).isZero();
  }

  /** Its close can't be done again, and what it watches would keep its file descriptor. */
  @Test
  void aSuccessorThatHasNoMemoryEitherLeavesNothingBehind() throws IOException {
    StarvedSelector successor = new StarvedSelector(1);
    StarvedSelector next = new StarvedSelector(2);
    Queue<AbstractSelector> successors = new ArrayDeque<>(List.of(successor, next));
    WatchedChannels watched =
        new WatchedChannels(
            new StarvedSelector(
                2,
                new OtherSelectors() {
                  @Override
                  public AbstractSelector openSelector() {
                    return successors.remove();
                  }
                }));
    Pipe pipe = Pipe.open();
    pipes.add(pipe);
    pipe.source().configureBlocking(false);
    pipe.sink().configureBlocking(false);
    List<Loop.Registration> both =
        List.of(
            watched.register(pipe.source(), SelectionKey.OP_READ, found -> {}),
            watched.register(pipe.sink(), SelectionKey.OP_WRITE, found -> {}));
    watched.distrust();
    assertThatThrownBy(watched::replaceIfSuspect).isInstanceOf(OutOfMemoryError.class);
    watched.replaceIfSuspect();
    assertThat(watched.isSuspect()).isFalse();
    assertThat(successor.isOpen()).isFalse();
    assertThat(next.keys()).hasSize(2);
    both.forEach(Loop.Registration::cancel);
    boolean unused = watched.poll();
    assertThat(pipe.source().isRegistered()).isFalse();
    assertThat(pipe.sink().isRegistered()).isFalse();
    watched.close();
  }

  @Test
  void aSelectorThatHadMemoryStays() throws IOException {
    channels.replaceIfSuspect();
    assertThat(first.isOpen()).isTrue();
  }
}
