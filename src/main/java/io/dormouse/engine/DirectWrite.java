package io.dormouse.engine;

import io.dormouse.callbacks.Callbacks;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes a send on its caller's thread: without the way over the loop, whose two changes of thread
 * cost more than the send itself. One thread writes at a time, and only while nothing waits on the
 * loop to be written.
 *
 * @param <T> what is sent
 */
public interface DirectWrite<T> {
  /**
   * Returns one that writes only on threads of the library. A thread of the app must not: Android's
   * main thread, for one, is killed for it.
   */
  static <T> DirectWrite<T> onLibraryThreads(DirectWrite<T> way) {
    return (payload, size, sender) ->
        Callbacks.isOwnThread() ? way.write(payload, size, sender) : null;
  }

  /**
   * Writes a send, if the caller can have the socket for itself now. It gives that right back
   * whatever happens: it has either written all, or handed what is left to the loop, or nothing was
   * written, or the generation fails. Any thread.
   *
   * @param size the payload's bytes
   * @return the send's future; null if nothing was written and it has to go by the loop
   */
  @Nullable CompletableFuture<Void> write(T payload, int size, Sender<T> sender);

  /**
   * Who sends, as a direct write needs it. Called by the thread that writes.
   *
   * @param <T> what is sent
   */
  interface Sender<T> {
    /**
     * Returns whether the message may be written. Asked when nobody else can write any more, since
     * the loop first changes the state, and then takes the right to write back.
     */
    boolean mayWrite();

    /** All of it is with the system. Returns the send's future. */
    CompletableFuture<Void> written(int size);

    /**
     * The system has not taken all of it.
     *
     * @param partly whether it has taken some of it, so that it can never be sent again
     * @param goOn writes the rest before all else, and settles the message; called on the loop,
     *     unless the generation is over by then
     * @return the send's future
     */
    CompletableFuture<Void> leftOver(
        T payload, int size, boolean partly, Consumer<Outgoing<T>> goOn);

    /**
     * The write threw, and nobody knows what the peer has got: the generation ends.
     *
     * @return the send's future
     */
    CompletableFuture<Void> failed(int size, Throwable thrown);
  }
}
