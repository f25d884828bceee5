package io.dormouse.observe.timeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is remembered where there is not room for all. */
class HistoryTest {
  private final History history = new History(4);

  @Test
  void oneForWhichThereWasNoRoomIsShownFromItsFirstStepOnly() {
    List<Object> all = new ArrayList<>();
    for (int i = 0; i < History.MOST_TRACKS; i++) {
      Object each = new Object();
      all.add(each);
      history.begin(each, "first " + i, "TCP", Shade.SUSPENDED);
    }
    Object late = new Object();
    history.begin(late, "late", "TCP", Shade.SUSPENDED);
    history.step(late, History.Entry.of(1, Shade.CONNECTING));
    history.end(all.get(0), History.Entry.of(2, Shade.CLOSED));
    history.begin(late, "late", "TCP", Shade.CONNECTING);
    history.step(late, History.Entry.of(3, Shade.OPEN));

    assertThat(spans("late")).extracting(Span::state).containsExactly(Shade.OPEN);
  }

  @Test
  void whereOneComesFromIsNotChangedByItsLaterSteps() {
    Object old = new Object();
    history.begin(old, "old", "TCP", Shade.SUSPENDED);
    history.step(old, History.Entry.of(1, Shade.CONNECTING));
    history.comesFrom(old, Shade.CONNECTING);
    history.step(old, History.Entry.of(2, Shade.OPEN));

    assertThat(spans("old"))
        .extracting(Span::state)
        .containsExactly(Shade.SUSPENDED, Shade.CONNECTING, Shade.OPEN);
  }

  @Test
  void oneThatHasEndedIsForgottenWithItsLastStep() {
    Object ended = new Object();
    history.begin(ended, "ended", "TCP", null);
    history.end(ended, History.Entry.of(1, Shade.CLOSED));
    Object busy = new Object();
    history.begin(busy, "busy", "TCP", null);
    for (int i = 2; i < 5; i++) {
      history.step(busy, History.Entry.of(i, Shade.OPEN));
    }
    assertThat(history.timeline(9).rows()).extracting(Row::name).containsExactly("ended", "busy");

    history.step(busy, History.Entry.of(5, Shade.OPEN));

    assertThat(history.timeline(9).rows()).extracting(Row::name).containsExactly("busy");
  }

  private List<Span> spans(String name) {
    return history.timeline(9).rows().stream()
        .filter(row -> row.name().equals(name))
        .findFirst()
        .orElseThrow()
        .spans();
  }
}
