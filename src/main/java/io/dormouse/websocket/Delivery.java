package io.dormouse.websocket;

import io.dormouse.engine.Generation;
import io.dormouse.engine.Outgoing;
import io.dormouse.loop.Loop;
import io.dormouse.stream.Stream;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What is received, on its way to the app's callbacks, and how much more is read while the app is
 * behind with them: a little, since the server's pings come behind its messages. Loop only, but for
 * what runs in the callbacks' turn.
 */
final class Delivery {
  private enum App {
    /** Takes what is delivered. */
    KEEPS_UP,
    /** Has more to take than the bound allows. */
    BEHIND,
    /** Was behind when something came while closing: nothing more is delivered, or it had a gap. */
    GIVEN_UP
  }

  /**
   * Short messages cost more than their bytes, in time and in memory: if so many came at once, less
   * is read at once, so that other connections have their turn and the app can be seen to be
   * behind.
   */
  private static final int MANY_MESSAGES = 256;

  private static final int LEAST_AT_ONCE = 512;
  private static final int FIRST_AT_ONCE = 4 * 1024;
  private static final int MOST_AT_ONCE = 64 * 1024;

  /**
   * A server that sends more such frames at once is not read from for a while, so that its flood
   * costs the loop's thread next to nothing, and the device no power.
   */
  private static final int MANY_WITHOUT_DATA = 256;

  /** If so many came at once, less is read at once as well. */
  private static final int MANY_BETWEEN_PAUSES = 1024;

  private static final int LEAST_BETWEEN_PAUSES = 2 * 1024;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  /** Data that is still read, in search of pings, while the app is behind. */
  private static final int READ_WHILE_BEHIND = 64 * 1024;

  private final Generation generation;
  private final Stream stream;
  private final WebSocketEvents events;
  private final Runnable resume;

  private App app = App.KEEPS_UP;
  private boolean closing;
  private int mayRead = READ_WHILE_BEHIND;
  private int atOnce = FIRST_AT_ONCE; // bytes that are read at most
  private Loop.@Nullable Timer pause; // while nothing is read because of a flood

  /**
   * Creates one for what a stream brings.
   *
   * @param resume has the reading go on that was stopped
   */
  Delivery(Generation generation, Stream stream, WebSocketEvents events, Runnable resume) {
    this.generation = generation;
    this.stream = stream;
    this.events = events;
    this.resume = resume;
    stream.readAtOnce(atOnce);
  }

  // ------------------------------------------------------------------------------- to the app

  /** Delivers a short text. */
  void text(String text, int bytes) {
    deliver(bytes, () -> events.text(text));
  }

  /** Delivers a message, which is put together in the callback's turn: that is not the loop's. */
  void message(Incoming message) {
    deliver(message.size(), () -> tellWhole(message));
  }

  /** Delivers the data of a pong. */
  void pong(ByteBuffer data) {
    byte[] copy = new byte[data.remaining()];
    data.get(copy);
    deliver(copy.length, () -> events.pong(ByteBuffer.wrap(copy)));
  }

  private void deliver(int bytes, Runnable callback) {
    if (closing && app != App.KEEPS_UP) {
      app = App.GIVEN_UP;
      return;
    }
    mayRead -= Outgoing.OVERHEAD; // and the bytes when they are read
    // The last word counts: the callbacks may have caught up with what was stopped for before.
    boolean keepsUp = generation.deliver(bytes, callback);
    app = keepsUp ? App.KEEPS_UP : App.BEHIND;
  }

  private void tellWhole(Incoming message) {
    if (message.isText()) {
      events.text(message.text());
    } else {
      events.binary(message.binary());
    }
  }

  // --------------------------------------------------------------------------- from the server

  /**
   * Returns whether reading goes on after so many bytes were read. If not, it does when the app has
   * caught up.
   */
  boolean goesOn(FrameReader reader, int bytes) {
    int withoutData = reader.framesWithoutDataSinceAsked();
    int messages = reader.framesSinceAsked() - withoutData;
    if (messages > MANY_MESSAGES) {
      readAtOnce(Math.max(LEAST_AT_ONCE, atOnce / 2));
    } else if (withoutData > MANY_BETWEEN_PAUSES) {
      readAtOnce(Math.max(LEAST_BETWEEN_PAUSES, atOnce / 2));
    } else if (bytes == atOnce) {
      readAtOnce(Math.min(MOST_AT_ONCE, 2 * atOnce));
    }
    int data = reader.dataSinceAsked();
    mayRead = app == App.KEEPS_UP ? READ_WHILE_BEHIND : mayRead - data;
    if (withoutData > MANY_WITHOUT_DATA && !closing && pause == null) {
      pause = generation.loop().schedule(PAUSE_NANOS, this::pauseOver);
    }
    return mayRead();
  }

  private boolean mayRead() {
    return pause == null && (app == App.KEEPS_UP || closing || mayRead > 0);
  }

  private void pauseOver() {
    pause = null;
    readOn();
  }

  private void readAtOnce(int bytes) {
    atOnce = bytes;
    stream.readAtOnce(bytes);
  }

  /** The app has caught up. */
  void resumeReading() {
    if (app == App.BEHIND) {
      app = App.KEEPS_UP;
    }
    mayRead = READ_WHILE_BEHIND;
    readOn();
  }

  /** From now on reading goes on however far behind the app is: the server's end is awaited. */
  void close() {
    stop();
    readOn();
  }

  /** Makes no more pauses, and leaves no timer behind. */
  void stop() {
    closing = true;
    if (pause != null) {
      pause.cancel();
      pause = null;
    }
  }

  private void readOn() {
    if (stream.isReadingStopped() && mayRead()) {
      resume.run();
    }
  }
}
