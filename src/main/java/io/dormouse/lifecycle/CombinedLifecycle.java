package io.dormouse.lifecycle;

import java.util.List;
import java.util.function.BinaryOperator;

/** A lifecycle whose phase is a function of its members' phases. */
final class CombinedLifecycle extends DerivedLifecycle {
  private final List<OwnLifecycle> members;
  private final BinaryOperator<Phase> rule;
  private final LifecycleListener hooks = new AnyChange(this::evaluate);

  CombinedLifecycle(BinaryOperator<Phase> rule, List<OwnLifecycle> members) {
    super(members);
    this.rule = rule;
    this.members = members;
  }

  @Override
  LifecycleListener hooks() {
    return hooks;
  }

  /** By index, since an iterator needs memory. */
  @Override
  Phase phaseOfMembers() {
    Phase phase = members.get(0).phase();
    for (int i = 1; i < members.size(); i++) {
      phase = rule.apply(phase, members.get(i).phase());
    }
    return phase;
  }
}
