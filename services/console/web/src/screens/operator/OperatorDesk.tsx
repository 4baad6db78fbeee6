export function OperatorDesk() {
  return null;
}
