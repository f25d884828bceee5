package io.dormouse.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class BorrowedBytesTest {
  private final ByteBuffer memory = ByteBuffer.allocateDirect(8).putLong(0, 42);
  private final AtomicReference<ByteBuffer> kept = new AtomicReference<>();

  @Test
  void aCallbackMayReadWhatItIsLentAndNothingElse() {
    BorrowedBytes.lend(
        memory,
        lent -> {
          assertThat(lent.isReadOnly()).isTrue();
          assertThat(lent.hasArray()).isFalse();
          kept.set(lent);
          assertThat(lent.getLong()).isEqualTo(42);
        });
    assertThat(memory.remaining()).as("of the lender's own").isEqualTo(8);
  }

  @Test
  void aBufferThatIsKeptIsEmptyAfterTheCall() {
    BorrowedBytes.lend(memory, kept::set);
    assertKeptIsEmpty();
  }

  @Test
  void soItIsAfterOneThatThrows() {
    assertThatThrownBy(
            () ->
                BorrowedBytes.lend(
                    memory,
                    lent -> {
                      kept.set(lent);
                      throw new IllegalStateException("on purpose");
                    }))
        .hasMessage("on purpose");
    assertKeptIsEmpty();
    assertThat(BorrowedBytes.keep(memory.asReadOnlyBuffer()).isDirect())
        .as("nothing is lent any more")
        .isTrue();
  }

  private void assertKeptIsEmpty() {
    assertThat(kept.get().hasRemaining()).isFalse();
    assertThatThrownBy(() -> kept.get().getLong()).isInstanceOf(BufferUnderflowException.class);
    assertThatThrownBy(() -> kept.get().getLong(0)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void whatIsKeptOfLentBytesIsACopy() {
    BorrowedBytes.lend(
        memory,
        lent -> {
          ByteBuffer slice = lent.position(4).slice();
          kept.set(BorrowedBytes.keep(slice));
          assertThat(slice.remaining()).as("its position is not moved").isEqualTo(4);
        });
    memory.putLong(0, 7);
    assertThat(kept.get().remaining()).isEqualTo(4);
    assertThat(kept.get().getInt()).isEqualTo(42);
  }

  @Test
  void aCallWithinAnotherDoesNotEndIt() {
    BorrowedBytes.lend(
        memory,
        lent -> {
          BorrowedBytes.lend(ByteBuffer.allocateDirect(1), other -> {});
          assertThat(BorrowedBytes.keep(lent).isDirect()).isFalse();
        });
  }

  @Test
  void nothingElseIsCopied() {
    BorrowedBytes.lend(
        memory,
        lent -> {
          assertThat(BorrowedBytes.keep(memory).isDirect()).as("may be written to").isTrue();
          ByteBuffer heap = ByteBuffer.allocate(1);
          assertThat(BorrowedBytes.keep(heap).array()).isSameAs(heap.array());
          CompletableFuture<ByteBuffer> elsewhere =
              CompletableFuture.supplyAsync(() -> BorrowedBytes.keep(lent));
          assertThat(elsewhere.join().isDirect()).as("on a thread to which none is lent").isTrue();
        });
    assertThat(BorrowedBytes.keep(memory.asReadOnlyBuffer()).isDirect()).isTrue();
  }
}
