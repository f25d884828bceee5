package io.dormouse.testing;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Peers that are often needed. Each stream gets one of its own. */
public final class Peers {
  private Peers() {}

  /**
   * Sends back what comes.
   *
   * @return what makes one for each stream
   */
  public static Supplier<Peer> echo() {
    return () -> new Echo();
  }

  private static class Echo implements Peer {
    @Override
    public void received(PeerSocket socket, ByteBuffer bytes) {
      socket.send(bytes);
    }
  }

  /**
   * Accepts, reads, and never answers, not even the client's end.
   *
   * @return what makes one for each stream
   */
  public static Supplier<Peer> mute() {
    return () ->
        new Peer() {
          @Override
          public void ended(PeerSocket socket) {}
        };
  }

  /**
   * Accepts, and reads nothing.
   *
   * @return what makes one for each stream
   */
  public static Supplier<Peer> unread() {
    return () ->
        new Peer() {
          @Override
          public void opened(PeerSocket socket) {
            socket.stopReading();
          }
        };
  }

  /**
   * Sends back what comes, and from some time on neither reads nor writes.
   *
   * @param time from when the stream is connected; zero or more
   * @return what makes one for each stream
   */
  public static Supplier<Peer> silentAfter(Duration time) {
    return () ->
        new Echo() {
          @Override
          public void opened(PeerSocket socket) {
            socket.after(time, socket::stopReading);
          }
        };
  }

  /**
   * Takes so many bytes, and then resets.
   *
   * @param bytes how many
   * @return what makes one for each stream
   */
  public static Supplier<Peer> resetAfter(long bytes) {
    return () ->
        new Peer() {
          private long left = bytes;

          @Override
          public void received(PeerSocket socket, ByteBuffer received) {
            left -= received.remaining();
            if (left <= 0) {
              socket.reset();
            }
          }
        };
  }

  /**
   * Sends something, ends its side, and reads what still comes.
   *
   * @param words what it sends
   * @return what makes one for each stream
   */
  public static Supplier<Peer> halfClosing(ByteBuffer words) {
    return () ->
        new Peer() {
          @Override
          public void opened(PeerSocket socket) {
            socket.send(words.duplicate());
            socket.finish();
          }
        };
  }

  /**
   * Tells what comes, and does nothing with it.
   *
   * @param listener gets what comes, valid until it returns
   * @return what makes one for each stream
   */
  public static Supplier<Peer> telling(Consumer<ByteBuffer> listener) {
    return () ->
        new Peer() {
          @Override
          public void received(PeerSocket socket, ByteBuffer bytes) {
            listener.accept(bytes);
          }
        };
  }
}
