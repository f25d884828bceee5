package io.dormouse.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
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

  @Test
  void aSelectorThatHadMemoryStays() throws IOException {
    channels.replaceIfSuspect();
    assertThat(first.isOpen()).isTrue();
  }
}
