package io.dormouse.websocket;

import io.dormouse.engine.Outgoing;
import io.dormouse.loop.Loop;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes frames of messages, in the order in which they were sent. Loop only.
 *
 * <p>What costs little is done at once: short messages that are not compressed, and others as far
 * as the {@link InlineShare} goes. The rest is done on another thread, for one connection at most
 * one at a time and in pieces that take turns with other connections; what is sent meanwhile waits
 * behind it.
 */
final class Encoder {
  /** What is compressed in one turn: some milliseconds. */
  private static final int TURN = 256 * 1024;

  /** Messages whose frames are made before the first of them is written. */
  private static final int MOST_AT_ONCE = 256;

  private final Loop loop;
  private final Executor computing;
  private final Consumer<Outgoing<Message>> encoded;

  private final Queue<Outgoing<Message>> waiting = new ConcurrentLinkedQueue<>();
  private final List<Runnable> whenIdle = new ArrayList<>();
  private @Nullable Deflation deflation; // if compression was agreed on
  private @Nullable Batch batch; // is encoded elsewhere
  private boolean stopped;

  /**
   * Creates one that compresses nothing.
   *
   * @param computing where long messages are encoded
   * @param encoded takes each message when its frame is made
   */
  Encoder(Loop loop, Executor computing, Consumer<Outgoing<Message>> encoded) {
    this.loop = loop;
    this.computing = computing;
    this.encoded = encoded;
  }

  /** From now on compresses with this, which it frees. */
  void deflateWith(Deflation agreed) {
    deflation = agreed;
  }

  /** Makes a message's frame, in its turn. */
  void encode(Outgoing<Message> message) {
    if (isIdle() && encodesHere(message.payload())) {
      encoded.accept(message);
    } else {
      waiting.add(message);
      beginBatch();
    }
  }

  private boolean encodesHere(Message message) {
    Deflation deflating = deflation;
    if (deflating == null || !deflating.isFor(message)) {
      return !message.isLong();
    }
    if (!InlineShare.ofThisThread().take(message.size(), loop.nanoTime())) {
      return false;
    }
    if (!deflating.acquire()) {
      throw new IllegalStateException("a message is sent after the end");
    }
    try {
      int unused = deflating.compress(message, message.size());
    } finally {
      deflating.release();
    }
    return true;
  }

  /** Returns whether all frames are made. */
  boolean isIdle() {
    return batch == null && waiting.isEmpty();
  }

  /** Runs this as soon as all frames are made, which may be at once; not if it is stopped. */
  void whenIdle(Runnable action) {
    if (isIdle()) {
      action.run();
    } else {
      whenIdle.add(action);
    }
  }

  /** Makes no more frames. */
  void stop() {
    stopped = true;
    waiting.clear();
    if (deflation != null) {
      deflation.free();
    }
  }

  // ---------------------------------------------------------------------------------- elsewhere

  private void beginBatch() {
    if (batch != null) {
      return;
    }
    Batch next = new Batch(deflation);
    while (next.hasRoom() && !waiting.isEmpty()) {
      next.add(waiting.remove());
    }
    batch = next;
    computing.execute(next);
  }

  private void batchEnds(Batch ended) {
    if (stopped) {
      return;
    }
    ended.throwIfFailed();
    batch = null;
    for (Outgoing<Message> message : ended.messages) {
      encoded.accept(message);
      if (stopped) {
        return;
      }
    }
    if (!waiting.isEmpty()) {
      beginBatch();
    } else {
      List<Runnable> due = List.copyOf(whenIdle);
      whenIdle.clear();
      due.forEach(Runnable::run);
    }
  }

  /** Messages that are encoded on another thread. */
  private final class Batch implements Runnable {
    private final @Nullable Deflation deflating;
    private final List<Outgoing<Message>> messages = new ArrayList<>();
    private final Loop.Signal end; // made beforehand, since there may be no memory then
    private int size;

    // Of the thread that encodes, until the end.
    private int done;
    private @Nullable Throwable failure;

    Batch(@Nullable Deflation deflating) {
      this.deflating = deflating;
      this.end = loop.signal(() -> batchEnds(this));
    }

    boolean hasRoom() {
      return size < TURN && messages.size() < MOST_AT_ONCE;
    }

    void add(Outgoing<Message> message) {
      messages.add(message);
      size += message.size();
    }

    @Override
    public void run() {
      try {
        if (!encodesAll()) {
          computing.execute(this); // others have their turn
          return;
        }
      } catch (Throwable e) {
        failure = e;
      }
      end.raise();
    }

    private boolean encodesAll() {
      if (deflating != null && !deflating.acquire()) {
        return true; // nobody wants it any more
      }
      try {
        for (int left = TURN; done < messages.size() && left > 0; ) {
          left -= encodeNext(messages.get(done).payload(), left);
        }
      } finally {
        if (deflating != null) {
          deflating.release();
        }
      }
      return done == messages.size();
    }

    /** Returns what it has cost, in bytes. */
    private int encodeNext(Message message, int most) {
      if (deflating == null || !deflating.isFor(message)) {
        done++;
        return message.frame().remaining() / 64; // masking is so much quicker
      }
      int count = deflating.compress(message, most);
      if (!deflating.isInside(message)) {
        done++;
      }
      return count;
    }

    void throwIfFailed() {
      if (failure instanceof Error error) {
        throw error;
      } else if (failure != null) {
        throw new IllegalStateException("a message could not be encoded", failure);
      }
    }
  }
}
