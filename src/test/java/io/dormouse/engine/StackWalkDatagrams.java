package io.dormouse.engine;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.dormouse.testing.Host;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * A UDP connection of a {@link StackWalk}. A network may lose datagrams, mix them up and double
 * them, but not make them up.
 */
final class StackWalkDatagrams extends StackWalkConnection {
  private static final int MOST_BYTES = 1_000;

  private final List<String> arrived = new ArrayList<>();
  private Consumer<ByteBuffer> reply = data -> {}; // to who was heard last
  private long said;
  private long saidBefore; // the exchange
  private long heardBefore;

  StackWalkDatagrams(StackWalk walk, Host host) {
    super(walk, host);
    serve();
  }

  @Override
  void serve() {
    host.serveDatagrams(
        StackWalk.PORT,
        (from, data, back) -> {
          arrived.add(withoutPadding(US_ASCII.decode(data).toString()));
          reply = back;
          for (int i = 0; i < 3; i++) {
            answer();
          }
        });
  }

  private void answer() {
    int bytes = walk.random.nextInt(MOST_BYTES);
    said += bytes;
    reply.accept(ByteBuffer.allocate(bytes));
  }

  /** It answers only: until it has heard of a new socket it can't tell it anything. */
  @Override
  void say() {}

  @Override
  void beginExchange() {
    saidBefore = said;
    heardBefore = heardBytes();
    super.beginExchange();
  }

  @Override
  boolean isPeerThere() {
    return true;
  }

  @Override
  long said() {
    return said - saidBefore;
  }

  @Override
  long heard() {
    return heardBytes() - heardBefore;
  }

  @Override
  List<String> receivedInGeneration() {
    return arrived;
  }

  @Override
  void checkReceived(List<String> texts, List<CompletableFuture<Void>> sends) {
    for (String text : arrived) {
      int number = texts.indexOf(text);
      check(number >= 0, "received what was never sent: " + text);
      check(!sends.get(number).isCompletedExceptionally(), "received, but failed: " + text);
    }
  }
}
