package io.dormouse.bench.traffic;

import io.dormouse.bench.Setting;
import java.io.Closeable;
import java.util.concurrent.TimeUnit;

/** A UDP socket that is connected to the server. */
interface Posts extends Closeable {
  /** For the socket's buffers, each way. */
  int BUFFER = 4 << 20;

  /** Datagrams that the app has on their way at most, where it does not send them itself. */
  int MOST_IN_FLIGHT = 1_024;

  /** What has not come by then won't. */
  long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(10);

  /**
   * Sends so many datagrams of a size, as fast as it can. Returns how many the system has not
   * taken.
   */
  int send(int number, int size) throws Exception;

  /** Asks for so many datagrams of a size. Returns those that came, over or not by the limit. */
  Shower receive(int number, int size) throws Exception;

  /** Makes one; only the classes of its own library are loaded. */
  static Posts of(Setting setting) throws Exception {
    int port = setting.ports().udp();
    return switch (setting.library()) {
      case "dormouse" -> new DormousePosts(port);
      case "bare" -> new BlockingPosts(port);
      case "two-threads" -> new TwoThreadPosts(port);
      default -> throw new IllegalArgumentException("no datagrams of " + setting.library());
    };
  }
}
